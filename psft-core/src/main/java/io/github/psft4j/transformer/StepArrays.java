package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The arrays of a forward and backward pass beside weights and gradients, in bytes. Those of a block are counted by the
 * code that allocates them.
 *
 * @param kept from the forward to the backward pass: the activations
 * @param working of the layer that computes at the moment, the most that any needs; a chunk of logits among them
 * @param logits of these, those of the head
 */
public record StepArrays(long kept, long working, long logits) {

    /** Workspaces start every array at a multiple of so many bytes. */
    private static final int ALIGNMENT = 32;

    /**
     * What a pass looks like.
     *
     * @param rows of tokens
     * @param time tokens of a row
     * @param width bytes of a number, 4 for FLOAT and 8 for DOUBLE
     * @param recompute whether blocks keep their input alone
     * @param room of the adapters of a block
     */
    public record Pass(int rows, int time, int width, boolean recompute, BlockForward.Room room) {

        long tokens() {
            return (long) rows * time;
        }
    }

    /** Adds up what an allocator is asked for; the arrays are never made. */
    private static final class Counter {
        private final int width;
        private long bytes;

        Counter(int width) {
            this.width = width;
        }

        INDArray array(long... dims) {
            add(dims);
            return null;
        }

        Counter add(long... dims) {
            long size = Arrays.stream(dims).reduce(width, Math::multiplyExact);
            bytes = Math.addExact(bytes, (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
            return this;
        }
    }

    /**
     * Counts them.
     *
     * @throws ArithmeticException if it is more than 2^63 bytes
     */
    public static StepArrays of(DecoderConfig c, Pass pass) {
        AttentionShape shape = c.attention(0, pass.rows, pass.time);
        long n = pass.tokens();
        int d = c.hiddenSize();
        Counter state = new Counter(pass.width); // what the gradient of a block reads
        Counter passing = new Counter(pass.width);
        state.add(n, d); // residual
        boolean norms = !pass.recompute && BlockForward.State.keepsNorms(c, n);
        BlockForward.State.allocate(c, shape, null, pass.room, norms, state::array, passing::array);
        state.add((long) pass.rows * c.heads(), pass.time); // log-sum-exp
        long output = new Counter(pass.width).add(n, d).bytes;
        long ends = new Counter(pass.width).add(n, d).add(n, d).add(n).bytes; // embedding, final norm with its scale
        long perBlock = Math.addExact(output, pass.recompute ? 0 : state.bytes);
        long kept = Math.addExact(ends, Math.multiplyExact(c.layers(), perBlock));
        long forward = Math.addExact(passing.bytes, pass.recompute ? state.bytes : 0);
        long backward = gradient(c, pass, shape) + passing.bytes + (pass.recompute ? state.bytes : 0);
        if (!pass.recompute && pass.room.scratch() == 0) { // hidden units lie where their gradient did
            backward -= new Counter(pass.width).add(n, c.intermediateSize()).bytes;
        }
        long embedding = c.learnedPositions() ? output : 0;
        long head = LmHeadLayer.working(n, d, c.vocabSize(), pass.width);
        long working = Math.max(Math.max(forward, backward), Math.max(embedding, head));
        return new StepArrays(kept, working, head);
    }

    /** Bytes of a pass without gradients, which holds the arrays of one block and a chunk of logits. */
    public static long scoring(DecoderConfig c, Pass pass) {
        AttentionShape shape = c.attention(0, pass.rows, pass.time);
        long n = pass.tokens();
        Counter counter = new Counter(pass.width).add(n, c.hiddenSize());
        BlockForward.State.allocate(c, shape, null, pass.room, counter::array);
        counter.add((long) pass.rows * c.heads(), pass.time);
        return Math.addExact(counter.bytes, LmHeadLayer.working(n, c.hiddenSize(), c.vocabSize(), pass.width));
    }

    /** Bytes of generation's working arrays: a prompt's pass, and logits after one token of every sequence. */
    public static long generation(DecoderConfig c, int sequences, int prompt, int width) {
        AttentionShape shape = c.attention(0, 1, Math.max(prompt, sequences));
        Counter counter = new Counter(width).add(shape.rows(), c.hiddenSize()).add(sequences, c.vocabSize());
        BlockForward.State.allocate(c, shape, null, BlockForward.Room.of(0), counter::array);
        return counter.bytes;
    }

    /** Scratch for the gradient of a block, without what it computes again. */
    private static long gradient(DecoderConfig c, Pass pass, AttentionShape shape) {
        long n = pass.tokens();
        long f = c.intermediateSize();
        long gateUp = c.gatedMlp() ? 2 * f : f;
        Counter counter = new Counter(pass.width)
                .add(n, c.hiddenSize())
                .add(n, f)
                .add(n, gateUp)
                .add(n, shape.outWidth())
                .add(n, shape.qkvWidth());
        long widest = Math.max(Math.max(gateUp, shape.qkvWidth()), c.hiddenSize());
        for (int rank : pass.room.ranks().values()) { // of a weight, its adapters together
            counter.add(n, rank).add(n, rank).add(widest, rank);
        }
        if (pass.room.scratch() > 0) { // dropout: what a module sees, and its gradient
            DecoderGraph.weightShapes(c, DecoderGraph.block(0)).forEach((weight, dims) -> {
                if (pass.room.ranks().containsKey(weight)) {
                    counter.add(n, dims[1]).add(n, dims[1]);
                }
            });
        }
        return counter.bytes;
    }
}
