package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WeightAndBias;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The forward pass of one block, the same for training, scoring and generation. These differ in where the arrays live
 * and where attention finds earlier keys and values. The formulas are in {@link DecoderBlock}.
 */
public record BlockForward(TensorOps ops, DecoderConfig config) {

    /** Gives uninitialised dense arrays. */
    public interface Allocator {
        INDArray array(long... shape);
    }

    /** What a pass computes in the attention half; n = B*T rows. */
    public record AttentionState(
            INDArray norm, // [n, D]
            INDArray inverse, // [n]
            INDArray projected, // [n, (H + 2 KV) d], before the norm of heads; qkv itself without one
            INDArray headInverse, // [n, H + KV], null without the norm of heads
            INDArray qkv, // [n, (H + 2 KV) d], rotated
            INDArray out) {} // [n, H d]

    /** What a pass computes in the feed-forward half. */
    public record FeedForwardState(
            INDArray norm, // [n, D]
            INDArray inverse, // [n]
            INDArray gateUp, // [n, 2F], or [n, F] without a gate
            INDArray hidden) {} // [n, F]

    /**
     * What one pass computes on its way.
     *
     * @param residual {@code [n, D]}, between the halves
     */
    public record State(AttentionState attention, INDArray residual, FeedForwardState feedForward) {

        /** @param residual the block's input if no gradient is wanted, which saves copies, else an array of its own */
        public static State allocate(DecoderConfig c, AttentionShape shape, INDArray residual, Allocator arrays) {
            int n = shape.rows();
            int d = c.hiddenSize();
            int f = c.intermediateSize();
            INDArray qkv = arrays.array(n, shape.qkvWidth());
            AttentionState attention = new AttentionState(
                    arrays.array(n, d),
                    arrays.array(n),
                    c.qkNorm() ? arrays.array(n, shape.qkvWidth()) : qkv,
                    c.qkNorm() ? arrays.array(n, shape.heads() + shape.kvHeads()) : null,
                    qkv,
                    arrays.array(n, shape.outWidth()));
            FeedForwardState feedForward = new FeedForwardState(
                    arrays.array(n, d),
                    arrays.array(n),
                    arrays.array(n, c.gatedMlp() ? 2L * f : f),
                    arrays.array(n, f));
            return new State(attention, residual, feedForward);
        }
    }

    /**
     * Runs the block.
     *
     * @param x {@code [n, D]}
     * @param out {@code [n, D]}; may be x
     */
    public void run(
            INDArray x, BlockWeights w, AttentionShape shape, KeysAndValues keysAndValues, State s, INDArray out) {
        AttentionState a = s.attention;
        ops.norms().forward(x, w.norm1(), config.normEps(), a.norm, a.inverse);
        linear(a.norm, w.qkv(), a.projected, 0);
        if (config.qkNorm()) {
            ops.norms().heads(a.projected, shape, w.headGains(), config.normEps(), a.qkv, a.headInverse);
        }
        keysAndValues.attend(a.qkv, shape, a.out);
        if (s.residual != x) {
            ops.vectors().copy(x, s.residual);
        }
        linear(a.out, w.attentionOut(), s.residual, 1);

        FeedForwardState f = s.feedForward;
        ops.norms().forward(s.residual, w.norm2(), config.normEps(), f.norm, f.inverse);
        linear(f.norm, w.gateUp(), f.gateUp, 0);
        if (config.gatedMlp()) {
            ops.activations().gated(config.activation(), f.gateUp, f.hidden);
        } else {
            ops.activations().apply(config.activation(), f.gateUp, f.hidden);
        }
        if (out != s.residual) {
            ops.vectors().copy(s.residual, out);
        }
        linear(f.hidden, w.down(), out, 1);
    }

    /** {@code y = x wᵀ + b + beta y}. */
    private void linear(INDArray x, WeightAndBias w, INDArray y, double beta) {
        ops.products().linear(x, w.weight(), y, beta);
        if (w.bias() != null) {
            ops.vectors().addRow(w.bias(), y);
        }
    }
}
