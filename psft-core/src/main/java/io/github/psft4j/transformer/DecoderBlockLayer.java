package io.github.psft4j.transformer;

import static io.github.psft4j.transformer.DecoderBlock.ATTENTION_NORM;
import static io.github.psft4j.transformer.DecoderBlock.ATTENTION_NORM_BIAS;
import static io.github.psft4j.transformer.DecoderBlock.ATTENTION_OUT;
import static io.github.psft4j.transformer.DecoderBlock.ATTENTION_OUT_BIAS;
import static io.github.psft4j.transformer.DecoderBlock.DOWN;
import static io.github.psft4j.transformer.DecoderBlock.DOWN_BIAS;
import static io.github.psft4j.transformer.DecoderBlock.GATE_UP;
import static io.github.psft4j.transformer.DecoderBlock.GATE_UP_BIAS;
import static io.github.psft4j.transformer.DecoderBlock.KEY_NORM;
import static io.github.psft4j.transformer.DecoderBlock.MLP_NORM;
import static io.github.psft4j.transformer.DecoderBlock.MLP_NORM_BIAS;
import static io.github.psft4j.transformer.DecoderBlock.QKV;
import static io.github.psft4j.transformer.DecoderBlock.QKV_BIAS;
import static io.github.psft4j.transformer.DecoderBlock.QUERY_NORM;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.SequenceLayout;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One block in a network: {@link BlockForward} and its gradient. */
final class DecoderBlockLayer extends DecoderLayerImpl<DecoderBlock> {

    private static final long serialVersionUID = 1L;

    private transient TokenEmbeddingLayer embedding; // null in a graph that is not linked: one sequence per row
    private transient BlockForward.State saved;
    private transient INDArray logSumExp; // [B*H, T]

    DecoderBlockLayer(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        DecoderConfig c = layerConf().decoder();
        AttentionShape shape = shape();
        LayerArrays arrays = arrays(workspaces);
        INDArray out = arrays.output(input.shape()); // [B, T, D]
        INDArray residual = arrays.saved(training, shape.rows(), c.hiddenSize()); // [B*T, D]
        BlockForward.State state =
                BlockForward.State.allocate(c, shape, residual, dims -> arrays.saved(training, dims));
        INDArray lse = arrays.saved(training, (long) shape.batch() * shape.heads(), shape.time());
        new BlockForward(ops, c)
                .run(
                        input,
                        this::weight,
                        shape,
                        (qkv, s) -> ops.attention()
                                .rotate(qkv, s, c.rotary(s.layout().longest()), 0, false),
                        state,
                        (qkv, s, o) -> ops.attention().forward(qkv, s, o, lse),
                        out);
        saved = training ? state : null;
        logSumExp = training ? lse : null;
        return out;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        LayerArrays arrays = arrays(workspaces);
        INDArray dx = arrays.inputGradient(input.shape()); // [B, T, D], the gradient of the residual stream
        INDArray dNorm =
                arrays.backwardScratch(shape().rows(), layerConf().decoder().hiddenSize());
        ops.vectors().copy(epsilon, dx);
        feedForwardGrad(epsilon, dx, dNorm, arrays);
        attentionGrad(dx, dNorm, arrays);
        saved = null;
        logSumExp = null;
        return new Pair<>(gradients(), dx);
    }

    private void feedForwardGrad(INDArray dOut, INDArray dx, INDArray dNorm, LayerArrays arrays) {
        DecoderConfig c = layerConf().decoder();
        BlockForward.State s = saved;
        INDArray dHidden = arrays.backwardScratch(s.hidden().shape()); // [n, F]
        INDArray dGateUp = arrays.backwardScratch(s.gateUp().shape()); // [n, 2F] or [n, F]
        linearGrad(dOut, s.hidden(), DOWN, DOWN_BIAS, dHidden);
        if (c.gatedMlp()) {
            ops.activations().gatedGrad(c.activation(), dHidden, s.gateUp(), dGateUp);
        } else {
            ops.activations().grad(c.activation(), dHidden, s.gateUp(), dGateUp);
        }
        linearGrad(dGateUp, s.norm2(), GATE_UP, GATE_UP_BIAS, dNorm);
        normGrad(dNorm, s.residual(), MLP_NORM, MLP_NORM_BIAS, s.inverse2(), dx);
    }

    private void attentionGrad(INDArray dx, INDArray dNorm, LayerArrays arrays) {
        DecoderConfig c = layerConf().decoder();
        BlockForward.State s = saved;
        AttentionShape shape = shape();
        INDArray dAttention = arrays.backwardScratch(s.attention().shape()); // [n, H d]
        INDArray dQkv = arrays.backwardScratch(s.qkv().shape()); // [n, (H + 2 KV) d]
        linearGrad(dx, s.attention(), ATTENTION_OUT, ATTENTION_OUT_BIAS, dAttention);
        ops.attention().grad(s.qkv(), shape, s.attention(), dAttention, logSumExp, dQkv);
        if (!c.learnedPositions()) {
            ops.attention().rotate(dQkv, shape, c.rotary(shape.layout().longest()), 0, true);
        }
        if (c.qkNorm()) {
            ops.norms()
                    .headsGrad(
                            dQkv,
                            s.projected(),
                            shape,
                            weight(QUERY_NORM),
                            weight(KEY_NORM),
                            s.headInverse(),
                            gradientOf(QUERY_NORM),
                            gradientOf(KEY_NORM));
        }
        linearGrad(dQkv, s.norm1(), QKV, QKV_BIAS, dNorm);
        normGrad(dNorm, input, ATTENTION_NORM, ATTENTION_NORM_BIAS, s.inverse1(), dx);
    }

    /** Gradients of {@code y = x wᵀ + b}: of the input into dIn, of weight and bias into their views. */
    private void linearGrad(INDArray dy, INDArray x, String weight, String bias, INDArray dIn) {
        ops.products().grad(dy, x, weight(weight), dIn, 0, gradientOf(weight), 0);
        if (gradientOf(bias) != null) {
            ops.vectors().sumRows(dy, gradientOf(bias));
        }
    }

    /** Adds the gradient of a norm's input to dx. */
    private void normGrad(INDArray dy, INDArray x, String gain, String bias, INDArray inverse, INDArray dx) {
        new Norm(ops, layerConf().decoder())
                .backward(dy, x, weight(gain), inverse, dx, 1, gradientOf(gain), gradientOf(bias));
    }

    /** Makes this block attend within the sequences that the embedding has read. */
    void follow(TokenEmbeddingLayer layer) {
        embedding = layer;
    }

    private AttentionShape shape() {
        SequenceLayout segments = embedding == null
                ? SequenceLayout.whole((int) input.size(0), (int) input.size(1))
                : embedding.segments();
        if (segments.batch() != input.size(0) || segments.time() != input.size(1)) {
            throw new IllegalStateException("the embedding read " + segments + " tokens, but block "
                    + layerConf().index() + " got " + input.size(0) + " x " + input.size(1));
        }
        return layerConf().decoder().attention(layerConf().index(), segments);
    }
}
