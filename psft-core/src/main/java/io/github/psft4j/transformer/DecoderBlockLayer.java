package io.github.psft4j.transformer;

import static io.github.psft4j.transformer.DecoderBlock.ATTENTION_NORM;
import static io.github.psft4j.transformer.DecoderBlock.ATTENTION_OUT;
import static io.github.psft4j.transformer.DecoderBlock.DOWN;
import static io.github.psft4j.transformer.DecoderBlock.GATE_UP;
import static io.github.psft4j.transformer.DecoderBlock.MLP_NORM;
import static io.github.psft4j.transformer.DecoderBlock.QKV;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.RotaryTable;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One Llama block forward and backward; the formulas are in {@link DecoderBlock}. */
final class DecoderBlockLayer extends DecoderLayerImpl<DecoderBlock> {

    private static final long serialVersionUID = 1L;

    /** What the backward pass needs of the forward pass. n = B*T rows. */
    private record Saved(
            INDArray rms1, // [n]
            INDArray norm1, // [n, D]
            INDArray qkv, // [n, (H + 2 KV) d], rotated
            INDArray attention, // [n, H d]
            INDArray logSumExp, // [B*H, T]
            INDArray residual, // [n, D]
            INDArray rms2, // [n]
            INDArray norm2, // [n, D]
            INDArray gateUp, // [n, 2F]
            INDArray hidden) {} // [n, F]

    private transient Saved saved;

    DecoderBlockLayer(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        DecoderBlock conf = layerConf();
        AttentionShape shape = shape();
        int n = shape.rows();
        int d = conf.hiddenSize();
        int f = conf.intermediateSize();
        Activations arrays = arrays(workspaces);
        INDArray out = arrays.output(input.shape()); // [B, T, D]
        Saved s = new Saved(
                arrays.saved(training, n),
                arrays.saved(training, n, d),
                arrays.saved(training, n, shape.qkvWidth()),
                arrays.saved(training, n, shape.outWidth()),
                arrays.saved(training, (long) shape.batch() * shape.heads(), shape.time()),
                arrays.saved(training, n, d),
                arrays.saved(training, n),
                arrays.saved(training, n, d),
                arrays.saved(training, n, 2L * f),
                arrays.saved(training, n, f));

        ops.rmsNorm(input, weight(ATTENTION_NORM), conf.rmsNormEps(), s.norm1, s.rms1);
        ops.linear(s.norm1, weight(QKV), s.qkv, 0);
        ops.rotate(s.qkv, shape, rotary(shape), 0, false);
        ops.attention(s.qkv, shape, s.attention, s.logSumExp);
        ops.copy(input, s.residual);
        ops.linear(s.attention, weight(ATTENTION_OUT), s.residual, 1);

        ops.rmsNorm(s.residual, weight(MLP_NORM), conf.rmsNormEps(), s.norm2, s.rms2);
        ops.linear(s.norm2, weight(GATE_UP), s.gateUp, 0);
        ops.swiGlu(s.gateUp, s.hidden);
        ops.copy(s.residual, out);
        ops.linear(s.hidden, weight(DOWN), out, 1);
        saved = training ? s : null;
        return out;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        DecoderBlock conf = layerConf();
        AttentionShape shape = shape();
        int n = shape.rows();
        int d = conf.hiddenSize();
        Saved s = saved;
        Activations arrays = arrays(workspaces);
        INDArray dx = arrays.inputGradient(input.shape()); // [B, T, D]
        INDArray dHidden = arrays.backwardScratch(n, conf.intermediateSize());
        INDArray dGateUp = arrays.backwardScratch(n, 2L * conf.intermediateSize());
        INDArray dNorm = arrays.backwardScratch(n, d);
        INDArray dAttention = arrays.backwardScratch(n, shape.outWidth());
        INDArray dQkv = arrays.backwardScratch(n, shape.qkvWidth());

        ops.linearGradInput(epsilon, weight(DOWN), dHidden, 0);
        ops.linearGradWeight(epsilon, s.hidden, gradientOf(DOWN), 0);
        ops.swiGluGrad(dHidden, s.gateUp, dGateUp);
        ops.linearGradInput(dGateUp, weight(GATE_UP), dNorm, 0);
        ops.linearGradWeight(dGateUp, s.norm2, gradientOf(GATE_UP), 0);
        ops.copy(epsilon, dx); // dx holds the gradient of the residual stream
        ops.rmsNormGrad(dNorm, s.residual, weight(MLP_NORM), s.rms2, dx, 1, gradientOf(MLP_NORM));

        ops.linearGradInput(dx, weight(ATTENTION_OUT), dAttention, 0);
        ops.linearGradWeight(dx, s.attention, gradientOf(ATTENTION_OUT), 0);
        ops.attentionGrad(s.qkv, shape, s.attention, dAttention, s.logSumExp, dQkv);
        ops.rotate(dQkv, shape, rotary(shape), 0, true);
        ops.linearGradInput(dQkv, weight(QKV), dNorm, 0);
        ops.linearGradWeight(dQkv, s.norm1, gradientOf(QKV), 0);
        ops.rmsNormGrad(dNorm, input, weight(ATTENTION_NORM), s.rms1, dx, 1, gradientOf(ATTENTION_NORM));
        saved = null;
        return new Pair<>(gradients(), dx);
    }

    private AttentionShape shape() {
        return layerConf().attentionShape((int) input.size(0), (int) input.size(1));
    }

    private RotaryTable rotary(AttentionShape shape) {
        DecoderBlock conf = layerConf();
        if (shape.time() > conf.maxPositions()) {
            throw new IllegalArgumentException("a sequence of " + shape.time() + " tokens is longer than the model's "
                    + conf.maxPositions() + " positions (max_position_embeddings); shorten it");
        }
        return RotaryTable.of(shape.time(), conf.headDim(), conf.ropeTheta());
    }
}
