package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.WeightAndBias;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One block in a network: {@link BlockForward} and its gradient. */
final class DecoderBlockLayer extends DecoderLayerImpl<DecoderBlock> {

    private static final long serialVersionUID = 1L;

    transient TokenEmbeddingLayer embedding; // null in a graph that is not linked: one sequence per row
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
        WholeSequences keysAndValues = new WholeSequences(ops, c.rotary(shape.layout()), lse);
        new BlockForward(ops, c).run(input, BlockWeights.of(params), shape, keysAndValues, state, out);
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
        BlockWeights weights = BlockWeights.of(params);
        BlockWeights gradients = BlockWeights.of(gradientViews);
        feedForwardGrad(epsilon, weights, gradients, dx, dNorm, arrays);
        attentionGrad(weights, gradients, dx, dNorm, arrays);
        saved = null;
        logSumExp = null;
        return new Pair<>(gradients(), dx);
    }

    private void feedForwardGrad(
            INDArray dOut, BlockWeights w, BlockWeights dw, INDArray dx, INDArray dNorm, LayerArrays arrays) {
        DecoderConfig c = layerConf().decoder();
        BlockForward.FeedForwardState s = saved.feedForward();
        INDArray dHidden = arrays.backwardScratch(s.hidden().shape()); // [n, F]
        INDArray dGateUp = arrays.backwardScratch(s.gateUp().shape()); // [n, 2F] or [n, F]
        linearGrad(dOut, s.hidden(), w.down(), dw.down(), dHidden);
        if (c.gatedMlp()) {
            ops.activations().gatedGrad(c.activation(), dHidden, s.gateUp(), dGateUp);
        } else {
            ops.activations().grad(c.activation(), dHidden, s.gateUp(), dGateUp);
        }
        linearGrad(dGateUp, s.norm(), w.gateUp(), dw.gateUp(), dNorm);
        ops.norms().grad(dNorm, saved.residual(), w.norm2(), s.inverse(), dx, 1, dw.norm2());
    }

    private void attentionGrad(BlockWeights w, BlockWeights dw, INDArray dx, INDArray dNorm, LayerArrays arrays) {
        DecoderConfig c = layerConf().decoder();
        BlockForward.AttentionState s = saved.attention();
        AttentionShape shape = shape();
        INDArray dAttention = arrays.backwardScratch(s.out().shape()); // [n, H d]
        INDArray dQkv = arrays.backwardScratch(s.qkv().shape()); // [n, (H + 2 KV) d]
        linearGrad(dx, s.out(), w.attentionOut(), dw.attentionOut(), dAttention);
        ops.attention().grad(s.qkv(), shape, s.out(), dAttention, logSumExp, dQkv);
        if (!c.learnedPositions()) {
            ops.attention().rotate(dQkv, shape, c.rotary(shape.layout()), 0, true);
        }
        if (c.qkNorm()) {
            ops.norms().headsGrad(dQkv, s.projected(), shape, w.headGains(), s.headInverse(), dw.headGains());
        }
        linearGrad(dQkv, s.norm(), w.qkv(), dw.qkv(), dNorm);
        ops.norms().grad(dNorm, input, w.norm1(), s.inverse(), dx, 1, dw.norm1());
    }

    /** Gradients of {@code y = x wᵀ + b}: of the input into dIn, of weight and bias into dw. */
    private void linearGrad(INDArray dy, INDArray x, WeightAndBias w, WeightAndBias dw, INDArray dIn) {
        ops.products().grad(dy, x, w.weight(), dIn, 0, dw.weight(), 0);
        if (dw.bias() != null) {
            ops.vectors().sumRows(dy, dw.bias());
        }
    }

    private AttentionShape shape() {
        SequenceLayout segments =
                embedding == null ? SequenceLayout.whole((int) input.size(0), (int) input.size(1)) : embedding.layout();
        if (segments.batch() != input.size(0) || segments.time() != input.size(1)) {
            throw new IllegalStateException("the embedding read " + segments + " tokens, but block "
                    + layerConf().index() + " got " + input.size(0) + " x " + input.size(1));
        }
        return layerConf().decoder().attention(layerConf().index(), segments);
    }
}
