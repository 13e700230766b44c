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
import io.github.psft4j.kernel.TensorOps;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The forward pass of one block, the same for training, scoring and generation: these differ in where the arrays live and in
 * where attention finds earlier keys and values. The formulas are in {@link DecoderBlock}.
 */
public record BlockForward(TensorOps ops, DecoderConfig config) {

    /** Parameters of the block by name, null for those it does not have. */
    public interface Weights {
        INDArray get(String name);
    }

    /** Turns queries and keys by their positions, in place. */
    public interface Rotation {
        public void run(INDArray qkv, AttentionShape shape);
    }

    /** From rotated queries, keys and values to the output of attention. */
    public interface Attention {
        public void run(INDArray qkv, AttentionShape shape, INDArray out);
    }

    /** Gives uninitialised dense arrays. */
    public interface Allocator {
        INDArray array(long... shape);
    }

    /** What one pass computes on its way; n = B*T rows. */
    public record State(
            INDArray norm1, // [n, D]
            INDArray inverse1, // [n]
            INDArray projected, // [n, (H + 2 KV) d], before the norm of heads; qkv itself without one
            INDArray headInverse, // [n, H + KV], null without the norm of heads
            INDArray qkv, // [n, (H + 2 KV) d], rotated
            INDArray attention, // [n, H d]
            INDArray residual, // [n, D]
            INDArray norm2, // [n, D]
            INDArray inverse2, // [n]
            INDArray gateUp, // [n, 2F], or [n, F] without a gate
            INDArray hidden) { // [n, F]

        /** @param residual {@code [n, D]}: the block's input itself if no gradient is wanted, which saves copies, else an array of its own */
        public static State allocate(DecoderConfig c, AttentionShape shape, INDArray residual, Allocator arrays) {
            int n = shape.rows();
            int d = c.hiddenSize();
            int f = c.intermediateSize();
            INDArray qkv = arrays.array(n, shape.qkvWidth());
            return new State(
                    arrays.array(n, d),
                    arrays.array(n),
                    c.qkNorm() ? arrays.array(n, shape.qkvWidth()) : qkv,
                    c.qkNorm() ? arrays.array(n, shape.heads() + shape.kvHeads()) : null,
                    qkv,
                    arrays.array(n, shape.outWidth()),
                    residual,
                    arrays.array(n, d),
                    arrays.array(n),
                    arrays.array(n, c.gatedMlp() ? 2L * f : f),
                    arrays.array(n, f));
        }
    }

    /**
     * Runs the block.
     *
     * @param x {@code [n, D]}
     * @param rotation not called with learned positions
     * @param out {@code [n, D]}; may be x
     */
    public void run(
            INDArray x,
            Weights w,
            AttentionShape shape,
            Rotation rotation,
            State s,
            Attention attention,
            INDArray out) {
        Norm norm = new Norm(ops, config);
        norm.forward(x, w.get(ATTENTION_NORM), w.get(ATTENTION_NORM_BIAS), s.norm1, s.inverse1);
        linear(s.norm1, w.get(QKV), w.get(QKV_BIAS), s.projected, 0);
        if (config.qkNorm()) {
            ops.norms()
                    .heads(
                            s.projected,
                            shape,
                            w.get(QUERY_NORM),
                            w.get(KEY_NORM),
                            config.normEps(),
                            s.qkv,
                            s.headInverse);
        }
        if (!config.learnedPositions()) {
            rotation.run(s.qkv, shape);
        }
        attention.run(s.qkv, shape, s.attention);
        if (s.residual != x) {
            ops.vectors().copy(x, s.residual);
        }
        linear(s.attention, w.get(ATTENTION_OUT), w.get(ATTENTION_OUT_BIAS), s.residual, 1);

        norm.forward(s.residual, w.get(MLP_NORM), w.get(MLP_NORM_BIAS), s.norm2, s.inverse2);
        linear(s.norm2, w.get(GATE_UP), w.get(GATE_UP_BIAS), s.gateUp, 0);
        if (config.gatedMlp()) {
            ops.activations().gated(config.activation(), s.gateUp, s.hidden);
        } else {
            ops.activations().apply(config.activation(), s.gateUp, s.hidden);
        }
        if (out != s.residual) {
            ops.vectors().copy(s.residual, out);
        }
        linear(s.hidden, w.get(DOWN), w.get(DOWN_BIAS), out, 1);
    }

    /** {@code y = x wᵀ + b + beta y}; b may be null. */
    private void linear(INDArray x, INDArray w, INDArray b, INDArray y, double beta) {
        ops.products().linear(x, w, y, beta);
        if (b != null) {
            ops.vectors().addRow(b, y);
        }
    }
}
