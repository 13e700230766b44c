package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WeightAndBias;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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
     * Working memory that adapters need in a forward pass.
     *
     * @param ranks largest sum of ranks of the adapters of a weight, by its name
     * @param scratch most further numbers per row
     */
    public record Room(Map<String, Integer> ranks, int scratch) {

        /** Room for any of these blocks: their adapters need not be alike. */
        public static Room of(List<BlockWeights> blocks) {
            Map<String, Integer> ranks = new LinkedHashMap<>();
            int scratch = 0;
            for (BlockWeights block : blocks) {
                block.adapters().forEach((weight, low) -> ranks.merge(weight, low.rank(), Math::max));
                for (LowRank low : block.adapters().values()) {
                    scratch = Math.max(scratch, low.scratch());
                }
            }
            return new Room(ranks, scratch);
        }

        /** The same where the adapters see inputs under dropout. */
        public Room underDropout(DecoderConfig config) {
            Map<String, long[]> shapes = DecoderGraph.weightShapes(config, DecoderGraph.block(0));
            int most = 0;
            for (Map.Entry<String, Integer> rank : ranks.entrySet()) {
                most = Math.max(most, rank.getValue() + (int) shapes.get(rank.getKey())[1]);
            }
            return new Room(ranks, most);
        }

        /** Room for adapters of this rank, summed over the modules of a weight, on every weight; none if it is 0. */
        public static Room of(int rank) {
            List<String> weights =
                    List.of(DecoderBlock.QKV, DecoderBlock.ATTENTION_OUT, DecoderBlock.GATE_UP, DecoderBlock.DOWN);
            return new Room(
                    rank == 0 ? Map.of() : weights.stream().collect(Collectors.toMap(weight -> weight, weight -> rank)),
                    0);
        }
    }

    /**
     * What one pass computes on its way.
     *
     * @param residual {@code [n, D]}, between the halves
     */
    public record State(
            AttentionState attention,
            INDArray residual,
            FeedForwardState feedForward,
            Map<String, INDArray> low, // [n, rank] of the adapters, by weight
            INDArray scratch) { // [n * scratch of adapters], null without

        /** Most numbers of all norms of a pass that its blocks keep: 32 MB of floats. */
        private static final long MOST_NORMS = 1L << 23;

        /** Whether the norms of a training pass are so few numbers that its blocks keep them. */
        static boolean keepsNorms(DecoderConfig c, long rows) {
            return 2 * rows * c.hiddenSize() * c.layers() <= MOST_NORMS;
        }

        /** The arrays of a pass without gradient, which writes its results over its input. */
        public static State allocate(
                DecoderConfig c, AttentionShape shape, INDArray residual, Room room, Allocator arrays) {
            return allocate(c, shape, residual, room, false, arrays, arrays);
        }

        /**
         * The arrays of a pass. The two norms share one unless they are kept, because the first is not read when the
         * second is written.
         *
         * @param residual the block's input if no gradient is wanted, which saves copies, else an array of its own
         * @param room for the adapters of all blocks that use the state
         * @param normsKept whether the gradient reads the norms, too
         * @param arrays for what the gradient reads
         * @param passing for what the gradient does not read, and for norms and hidden units, which
         *     {@link BlockForward#norm1}, {@link BlockForward#norm2} and {@link BlockForward#hidden} compute again at
         *     little cost
         */
        public static State allocate(
                DecoderConfig c,
                AttentionShape shape,
                INDArray residual,
                Room room,
                boolean normsKept,
                Allocator arrays,
                Allocator passing) {
            int n = shape.rows();
            int d = c.hiddenSize();
            int f = c.intermediateSize();
            Allocator norms = normsKept ? arrays : passing;
            INDArray norm1 = norms.array(n, d);
            INDArray norm2 = normsKept ? norms.array(n, d) : norm1;
            INDArray qkv = arrays.array(n, shape.qkvWidth());
            AttentionState attention = new AttentionState(
                    norm1,
                    arrays.array(n),
                    c.qkNorm() ? arrays.array(n, shape.qkvWidth()) : qkv,
                    c.qkNorm() ? arrays.array(n, shape.heads() + shape.kvHeads()) : null,
                    qkv,
                    arrays.array(n, shape.outWidth()));
            FeedForwardState feedForward = new FeedForwardState(
                    norm2, arrays.array(n), arrays.array(n, c.gatedMlp() ? 2L * f : f), passing.array(n, f));
            Map<String, INDArray> low = new HashMap<>();
            room.ranks().forEach((weight, rank) -> low.put(weight, arrays.array(n, rank)));
            INDArray scratch = room.scratch() == 0 ? null : passing.array((long) n * room.scratch());
            return new State(attention, residual, feedForward, low, scratch);
        }

        /** Whether the first norm is there when the second is written. */
        boolean keepsNorms() {
            return attention.norm != feedForward.norm;
        }

        /** The same with another array for both norms, {@code [n, D]}. */
        State withNorm(INDArray norm) {
            return new State(
                    new AttentionState(
                            norm,
                            attention.inverse,
                            attention.projected,
                            attention.headInverse,
                            attention.qkv,
                            attention.out),
                    residual,
                    new FeedForwardState(norm, feedForward.inverse, feedForward.gateUp, feedForward.hidden),
                    low,
                    scratch);
        }

        /** The same with another array for the hidden units, {@code [n, F]}. */
        State withHidden(INDArray hidden) {
            FeedForwardState f =
                    new FeedForwardState(feedForward.norm, feedForward.inverse, feedForward.gateUp, hidden);
            return new State(attention, residual, f, low, scratch);
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
        runToGate(x, w, shape, keysAndValues, s);
        hidden(s);
        if (out != s.residual) {
            ops.vectors().copy(s.residual, out);
        }
        linear(s.feedForward.hidden, w, DecoderBlock.DOWN, out, 1, s);
    }

    /** The same up to gate and up: what the gradient reads, but for the hidden units. */
    void runToGate(INDArray x, BlockWeights w, AttentionShape shape, KeysAndValues keysAndValues, State s) {
        AttentionState a = s.attention;
        norm1(x, w, s);
        linear(a.norm, w, DecoderBlock.QKV, a.projected, 0, s);
        if (config.qkNorm()) {
            ops.norms().heads(a.projected, shape, w.headGains(), config.normEps(), a.qkv, a.headInverse);
        }
        keysAndValues.attend(a.qkv, shape, a.out);
        if (s.residual != x) {
            ops.vectors().copy(x, s.residual);
        }
        linear(a.out, w, DecoderBlock.ATTENTION_OUT, s.residual, 1, s);
        norm2(w, s);
        linear(s.feedForward.norm, w, DecoderBlock.GATE_UP, s.feedForward.gateUp, 0, s);
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

    /** {@code y = x wᵀ + b + beta y}, with what the adapters of the weight add. */
    private void linear(INDArray x, BlockWeights weights, String name, INDArray y, double beta, State s) {
        WeightAndBias w = weights.linear(name);
        LowRank adapters = weights.adapters().get(name);
        if (adapters == null) {
            ops.products().linear(x, w.weight(), y, beta);
        } else {
            adapters.forward(ops, x, w.weight(), y, beta, s.low.get(name), s.scratch);
        }
        if (w.bias() != null) {
            ops.vectors().addRow(w.bias(), y);
        }
    }
}
