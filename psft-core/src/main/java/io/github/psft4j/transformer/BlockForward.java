package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WeightAndBias;
import io.github.psft4j.transformer.config.DecoderConfig;
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
    public record State(
            AttentionState attention,
            INDArray residual,
            FeedForwardState feedForward,
            INDArray low) { // [n * largest rank of adapters], null without

        /** The arrays of a pass without gradient, which writes its results over its input. */
        public static State allocate(
                DecoderConfig c, AttentionShape shape, INDArray residual, int rank, Allocator arrays) {
            return allocate(c, shape, residual, rank, arrays, arrays);
        }

        /**
         * The arrays of a pass. The two norms share one, because the first is not read when the second is written.
         *
         * @param residual the block's input if no gradient is wanted, which saves copies, else an array of its own
         * @param rank largest sum of ranks of the adapters of a weight, 0 without adapters
         * @param arrays for what the gradient reads
         * @param passing for norms and hidden units, which {@link BlockForward#norm1}, {@link BlockForward#norm2} and
         *     {@link BlockForward#hidden} compute again at little cost
         */
        public static State allocate(
                DecoderConfig c,
                AttentionShape shape,
                INDArray residual,
                int rank,
                Allocator arrays,
                Allocator passing) {
            int n = shape.rows();
            int d = c.hiddenSize();
            int f = c.intermediateSize();
            INDArray norm = passing.array(n, d);
            INDArray qkv = arrays.array(n, shape.qkvWidth());
            AttentionState attention = new AttentionState(
                    norm,
                    arrays.array(n),
                    c.qkNorm() ? arrays.array(n, shape.qkvWidth()) : qkv,
                    c.qkNorm() ? arrays.array(n, shape.heads() + shape.kvHeads()) : null,
                    qkv,
                    arrays.array(n, shape.outWidth()));
            FeedForwardState feedForward = new FeedForwardState(
                    norm, arrays.array(n), arrays.array(n, c.gatedMlp() ? 2L * f : f), passing.array(n, f));
            INDArray low = rank == 0 ? null : passing.array((long) n * rank);
            return new State(attention, residual, feedForward, low);
        }

        /** The same with other arrays for the norms, {@code [n, D]}, and the hidden units, {@code [n, F]}. */
        State with(INDArray norm, INDArray hidden) {
            return new State(
                    new AttentionState(
                            norm,
                            attention.inverse,
                            attention.projected,
                            attention.headInverse,
                            attention.qkv,
                            attention.out),
                    residual,
                    new FeedForwardState(norm, feedForward.inverse, feedForward.gateUp, hidden),
                    low);
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
        norm1(x, w, s);
        linear(a.norm, w.qkv(), a.projected, 0);
        adapt(w, DecoderBlock.QKV, a.norm, a.projected, s);
        if (config.qkNorm()) {
            ops.norms().heads(a.projected, shape, w.headGains(), config.normEps(), a.qkv, a.headInverse);
        }
        keysAndValues.attend(a.qkv, shape, a.out);
        if (s.residual != x) {
            ops.vectors().copy(x, s.residual);
        }
        linear(a.out, w.attentionOut(), s.residual, 1);
        adapt(w, DecoderBlock.ATTENTION_OUT, a.out, s.residual, s);

        FeedForwardState f = s.feedForward;
        norm2(w, s);
        linear(f.norm, w.gateUp(), f.gateUp, 0);
        adapt(w, DecoderBlock.GATE_UP, f.norm, f.gateUp, s);
        hidden(s);
        if (out != s.residual) {
            ops.vectors().copy(s.residual, out);
        }
        linear(f.hidden, w.down(), out, 1);
        adapt(w, DecoderBlock.DOWN, f.hidden, out, s);
    }

    /** Fills the norm before attention from the block's input, {@code [n, D]}. */
    void norm1(INDArray x, BlockWeights w, State s) {
        ops.norms().forward(x, w.norm1(), config.normEps(), s.attention.norm, s.attention.inverse);
    }

    /** Fills the norm before the feed-forward from the residual. */
    void norm2(BlockWeights w, State s) {
        ops.norms().forward(s.residual, w.norm2(), config.normEps(), s.feedForward.norm, s.feedForward.inverse);
    }

    /** Fills the hidden units from gate and up. */
    void hidden(State s) {
        FeedForwardState f = s.feedForward;
        if (config.gatedMlp()) {
            ops.activations().gated(config.activation(), f.gateUp, f.hidden);
        } else {
            ops.activations().apply(config.activation(), f.gateUp, f.hidden);
        }
    }

    /** {@code y = x wᵀ + b + beta y}. */
    private void linear(INDArray x, WeightAndBias w, INDArray y, double beta) {
        ops.products().linear(x, w.weight(), y, beta);
        if (w.bias() != null) {
            ops.vectors().addRow(w.bias(), y);
        }
    }

    /** Adds what the adapters of a weight say to its output y. */
    private void adapt(BlockWeights w, String weight, INDArray x, INDArray y, State s) {
        LowRank adapters = w.adapters().get(weight);
        if (adapters != null) {
            adapters.forward(ops, x, y, s.low);
        }
    }
}
