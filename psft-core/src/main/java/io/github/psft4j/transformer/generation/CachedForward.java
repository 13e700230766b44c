package io.github.psft4j.transformer.generation;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.KeyValueMemory;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.Views;
import io.github.psft4j.transformer.BlockForward;
import io.github.psft4j.transformer.DecoderWeights;
import io.github.psft4j.transformer.KeysAndValues;
import io.github.psft4j.transformer.WholeSequences;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.RopeScaling;
import java.util.Arrays;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The decoder's forward pass for generation. The blocks of {@link BlockForward} run over whole prompts, then over one
 * or more tokens per sequence, with keys and values of earlier positions from a cache. Sequences live in slots and may
 * be of different lengths.
 */
final class CachedForward implements AutoCloseable {

    /** Logits of {@link #extend} are computed for so many tokens at a time. */
    static final int HEAD_ROWS = 64;

    /** Working arrays for B rows of T new tokens, n = B*T, of which S are followed by a prediction. */
    private record Buffers(
            SequenceLayout layout,
            INDArray x, // [n, D]
            INDArray positions, // [n, D], null without learned positions
            INDArray last, // [S, D], after the final norm; the block's norm itself where T is 1
            INDArray logits, // [S, V], or of HEAD_ROWS
            INDArray logSumExp, // [B * H, T]
            BlockForward.State block) {

        static Buffers of(
                DecoderConfig c, SequenceLayout layout, int s, BlockForward.Room room, GenerationArrays arrays) {
            arrays.startPass();
            AttentionShape shape = c.attention(0, layout);
            int time = layout.time();
            int n = shape.rows();
            int d = c.hiddenSize();
            INDArray x = arrays.array(n, d);
            INDArray positions = c.learnedPositions() ? arrays.array(n, d) : null;
            INDArray last = arrays.array(s, d);
            INDArray logits = arrays.array(s > layout.count() ? Math.min(s, HEAD_ROWS) : s, c.vocabSize());
            INDArray lse = arrays.array((long) layout.batch() * c.heads(), time);
            BlockForward.State block = BlockForward.State.allocate(c, shape, x, room, arrays::array);
            return new Buffers(
                    layout, x, positions, time == 1 ? block.attention().norm() : last, logits, lse, block);
        }
    }

    private final TensorOps ops;
    private final DecoderConfig config;
    private final BlockForward blockForward;
    private final DecoderWeights weights;
    private final KeyValueMemory memory;
    private final KeyValueCache[] caches; // per block
    private final int shortest; // capacity of all caches
    private final GenerationArrays arrays;
    private final INDArray repeated; // [slots, V]: logits of samples of the same prompts; null without groups
    private final INDArray kept; // [1, V]; null without groups
    private final BlockForward.Room room;
    private final Buffers[] steps; // of one token per sequence, by their number
    private final Buffers[] proposals = new Buffers[HEAD_ROWS + 1]; // of several tokens per sequence, by their number
    private Buffers prompts; // of the last prompts
    private Buffers current; // of the last pass
    private RotaryTable rotary;

    /**
     * Allocates in the current workspace, and memory for keys and values that {@link #close} frees.
     *
     * @param slots most sequences at a time
     * @param longest tokens of the longest sequence
     * @param longestPrompt tokens of the longest prompt, all prompts of a pass together
     * @param groups whether sequences may share a prompt; slot number {@code slots} then keeps one prompt more
     */
    CachedForward(
            TensorOps ops,
            ComputationGraph graph,
            DecoderConfig config,
            int slots,
            int longest,
            int longestPrompt,
            boolean groups) {
        this.ops = ops;
        this.config = config;
        this.blockForward = new BlockForward(ops, config);
        this.weights = DecoderWeights.of(graph, config);
        this.room = BlockForward.Room.of(weights.blocks());
        this.memory = ops.cachedAttention().memory();
        this.caches = new KeyValueCache[config.layers()];
        for (int i = 0; i < caches.length; i++) {
            int kept = groups ? slots + 1 : slots;
            caches[i] =
                    memory.cache(kept, config.attention(i, 1, 1), weights.norm().weight(), longest);
        }
        this.shortest =
                Arrays.stream(caches).mapToInt(KeyValueCache::capacity).min().orElse(longest);
        this.arrays = new GenerationArrays(weights.norm().weight().dataType());
        this.repeated = groups ? empty(slots) : null;
        this.kept = groups ? empty(1) : null;
        this.steps = new Buffers[slots + 1];
        buffers(SequenceLayout.whole(slots, 1), slots); // so that what follows are views of it
        buffers(SequenceLayout.whole(1, longestPrompt), 1);
    }

    /**
     * Reads whole prompts and returns the logits after the last token of each, {@code [S, V]}; overwritten by the next
     * call.
     *
     * @param ids token ids {@code [B * T]}
     * @param layout where the prompts lie in them
     * @param slots where keys and values go, {@code [S]}
     */
    INDArray prompts(int[] ids, SequenceLayout layout, int[] slots) {
        int[] lastRows = new int[layout.count()];
        Arrays.setAll(lastRows, i -> layout.start(i) + layout.length(i) - 1);
        forward(ids, layout, slots, null, lastRows);
        return logits(0, lastRows.length);
    }

    /**
     * Reads one more token per sequence and returns the logits after it, {@code [B, V]}; overwritten by the next call.
     *
     * @param ids of the tokens, {@code [B]}
     * @param slots of their sequences, {@code [B]}
     * @param positions of the tokens, {@code [B]}; all the same with dynamic RoPE scaling
     */
    INDArray next(int[] ids, int[] slots, int[] positions) {
        forward(ids, SequenceLayout.whole(ids.length, 1), slots, positions, slots);
        return logits(0, ids.length);
    }

    /**
     * Reads several more tokens of sequences; {@link #logits} gives those after some of them. Not with dynamic RoPE
     * scaling.
     *
     * @param ids of the tokens, {@code [n]}: those of a sequence side by side, in their order
     * @param slots of their sequences, {@code [n]}
     * @param positions of the tokens, {@code [n]}
     * @param rows tokens of which the logits are wanted
     */
    void extend(int[] ids, int[] slots, int[] positions, int[] rows) {
        forward(ids, SequenceLayout.whole(1, ids.length), slots, positions, rows);
    }

    /**
     * Reads the last tokens of sequences and what may follow them, at most {@link #HEAD_ROWS} tokens. A later token
     * takes the place in the cache of one that does not stay. Not with dynamic RoPE scaling.
     *
     * @param ids of the tokens, {@code [n]}: those of a sequence side by side, in their order
     * @param slots of their sequences, {@code [n]}
     * @param positions of the tokens, {@code [n]}
     * @return the logits after each, {@code [n, V]}; overwritten by the next call
     */
    INDArray ahead(int[] ids, int[] slots, int[] positions) {
        extend(ids, slots, positions, all(ids.length));
        return logits(0, ids.length);
    }

    /** How many tokens a sequence may be read ahead: one that does not stay must not have taken an entry that does. */
    int erasable(int length) {
        return shortest - length;
    }

    private static int[] all(int n) {
        int[] rows = new int[n];
        Arrays.setAll(rows, i -> i);
        return rows;
    }

    /** Logits of the last pass after the wanted tokens from - to, {@code [to - from, V]}; overwritten by the next. */
    INDArray logits(int from, int to) {
        INDArray out = rows(current.logits, 0, to - from);
        ops.products().linear(rows(current.last, from, to), weights.head(), out, 0);
        return out;
    }

    /** All rows are the array itself: a view costs an allocation. */
    private static INDArray rows(INDArray x, int from, int to) {
        return to - from == x.size(0) ? x : Views.rowRange(x, from, to);
    }

    private INDArray empty(long rows) {
        long[] shape = {rows, config.vocabSize()};
        return Nd4j.createUninitialized(weights.norm().weight().dataType(), shape, 'c');
    }

    /** Gives other slots the keys and values of a prompt that {@link #prompts} has read into a slot. */
    void share(int slot, int[] others, int length) {
        for (KeyValueCache cache : caches) {
            ops.cachedAttention().share(cache, slot, others, length);
        }
    }

    /** Forgets the sequence of a slot. */
    void release(int slot) {
        for (KeyValueCache cache : caches) {
            cache.release(slot);
        }
    }

    /** Bytes that keys and values take outside of workspaces. */
    long cacheBytes() {
        return memory.bytes();
    }

    /** Frees keys and values; nothing can be read any more. */
    @Override
    public void close() {
        memory.close();
    }

    /** Keeps a row of logits until the next call. */
    void keep(INDArray logits, int row) {
        ops.vectors().gatherRows(logits, new int[] {row}, kept);
    }

    /** Rows of the logits of {@link #prompts} {@code [B, V]}, some several times, {@code [n, V]}. */
    INDArray repeat(INDArray logits, int[] rows) {
        INDArray out = Views.rowRange(repeated, 0, rows.length);
        ops.vectors().gatherRows(logits, rows, out);
        return out;
    }

    /** The kept row n times, {@code [n, V]}. */
    INDArray repeatKept(int n) {
        return repeat(kept, new int[n]);
    }

    /**
     * @param positions of the tokens, null for whole prompts
     * @param wanted rows of which the logits are wanted; all with one token per sequence
     */
    private void forward(int[] ids, SequenceLayout layout, int[] slots, int[] positions, int[] wanted) {
        Buffers b = buffers(layout, wanted.length);
        current = b;
        Supplier<int[]> places = () -> positions == null ? layout.positions() : positions;
        weights.embed(ops, ids, places, b.positions, b.x);
        SequenceLayout rows = SequenceLayout.whole(ids.length, 1);
        WholeSequences whole = new WholeSequences(ops, rotary(layout, positions), b.logSumExp, arrays::array);
        for (int i = 0; i < caches.length; i++) {
            KeysAndValues keysAndValues = new CachedTokens(whole, caches[i], slots, positions);
            AttentionShape shape = config.attention(i, positions == null ? layout : rows);
            blockForward.run(b.x, weights.blocks().get(i), shape, keysAndValues, b.block, b.x);
        }
        INDArray norm = b.block.attention().norm(); // free after the last block
        ops.norms()
                .forward(
                        b.x,
                        weights.norm(),
                        config.normEps(),
                        norm,
                        b.block.attention().inverse());
        if (layout.time() > 1) {
            ops.vectors().gatherRows(norm, wanted, b.last);
        }
    }

    /**
     * A table that reaches the last of the positions; frequencies that follow the length are taken for the length now.
     */
    private RotaryTable rotary(SequenceLayout layout, int[] positions) {
        if (config.learnedPositions()) {
            return null;
        }
        if (positions == null) {
            return config.rotary(layout);
        }
        int length = 0;
        for (int position : positions) {
            length = Math.max(length, position + 1);
        }
        if (rotary == null || rotary.positions() < length || followsLength(config)) {
            rotary = config.rotary(length);
        }
        return rotary;
    }

    /** Whether the rotation of a token depends on the length of its sequence. */
    static boolean followsLength(DecoderConfig config) {
        return config.ropeScaling().kind() == RopeScaling.Kind.DYNAMIC;
    }

    private Buffers buffers(SequenceLayout layout, int wanted) {
        if (layout.time() == 1) {
            if (steps[layout.batch()] == null) {
                steps[layout.batch()] = Buffers.of(config, layout, wanted, room, arrays);
            }
            return steps[layout.batch()];
        }
        if (layout.batch() == 1 && wanted == layout.time() && wanted <= HEAD_ROWS) {
            if (proposals[wanted] == null) {
                proposals[wanted] = Buffers.of(config, layout, wanted, room, arrays);
            }
            return proposals[wanted];
        }
        if (prompts == null || !prompts.layout.equals(layout) || prompts.last.size(0) != wanted) {
            prompts = Buffers.of(config, layout, wanted, room, arrays);
        }
        return prompts;
    }
}
