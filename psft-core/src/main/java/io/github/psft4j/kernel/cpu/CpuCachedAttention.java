package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.CachedAttention;
import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.CachedHeads;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link CachedAttention} in float, by loops in Java: a product with one row costs more to call than to compute. */
record CpuCachedAttention(CpuAttention attention, CachedHeads heads) implements CachedAttention {

    @Override
    public KeyValueCache cache(int slots, AttentionShape shape, INDArray like, int longest) {
        return new CpuKeyValueCache(slots, shape, longest);
    }

    @Override
    public void rotate(INDArray qkv, AttentionShape s, RotaryTable table, int[] positions) {
        for (int position : positions) {
            table.check(s, position);
        }
        attention.rotate(qkv, s, table, positions.length, r -> positions[r], 1f);
    }

    /** Keys and values of whole prompts, of which a ring keeps the end. */
    @Override
    public void store(INDArray qkv, AttentionShape s, KeyValueCache kept, int[] slots) {
        CpuKeyValueCache cache = (CpuKeyValueCache) kept;
        FloatMemory in = FloatMemory.of(qkv);
        int channels = s.kvHeads() * s.headDim();
        int capacity = cache.capacity();
        attention.pool().share(slots.length, (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] row = scratch.array(0, 2 * channels);
            for (int b = from; b < to; b++) {
                int start = s.layout().start(b);
                int time = s.layout().length(b);
                cache.reserve(slots[b], Math.min(time, capacity));
                float[][] keys = cache.keys(slots[b]);
                float[][] values = cache.values(slots[b]);
                for (int t = Math.max(0, time - capacity); t < time; t++) {
                    in.get((long) (start + t) * s.qkvWidth() + s.keyColumn(0), row, 2 * channels);
                    int entry = cache.entry(t);
                    for (int c = 0; c < channels; c++) {
                        keys[c][entry] = row[c];
                        values[c][entry] = row[channels + c];
                    }
                }
            }
        });
    }

    @Override
    public void copy(KeyValueCache kept, int from, int[] to, int time) {
        CpuKeyValueCache cache = (CpuKeyValueCache) kept;
        int entries = Math.min(time, cache.capacity());
        attention.pool().share(to.length, (first, last, id) -> {
            for (int i = first; i < last; i++) {
                cache.reserve(to[i], entries);
                copy(cache.keys(from), cache.keys(to[i]), entries);
                copy(cache.values(from), cache.values(to[i]), entries);
            }
        });
    }

    private static void copy(float[][] from, float[][] to, int entries) {
        for (int c = 0; c < from.length; c++) {
            System.arraycopy(from[c], 0, to[c], 0, entries);
        }
    }

    /**
     * Stores the new keys and values and attends, row by row: a ring may lose what the row before has still seen. A
     * worker takes whole sequences, or key/value heads where sequences are few.
     */
    @Override
    public void next(INDArray qkv, AttentionShape s, KeyValueCache kept, int[] slots, int[] positions, INDArray out) {
        CpuKeyValueCache cache = (CpuKeyValueCache) kept;
        Step step = new Step(FloatMemory.of(qkv), s, cache, FloatMemory.of(out));
        int[] starts = new int[slots.length + 1]; // first row of each sequence
        int count = 0;
        for (int b = 0; b < slots.length; b++) {
            cache.reserve(slots[b], cache.visible(positions[b]));
            if (b == 0 || slots[b] != slots[b - 1]) {
                starts[count++] = b;
            }
        }
        starts[count] = slots.length;
        int parts = count >= attention.pool().workers() ? 1 : s.kvHeads(); // of a sequence
        attention.pool().share(count * parts, (from, to, id) -> {
            for (int u = from; u < to; u++) {
                int g0 = WorkerPool.start(s.kvHeads(), u % parts, parts);
                int g1 = WorkerPool.start(s.kvHeads(), u % parts + 1, parts);
                for (int b = starts[u / parts]; b < starts[u / parts + 1]; b++) {
                    attend(step, b, g0, g1, slots[b], positions[b]);
                }
            }
        });
    }

    /** New tokens of sequences. */
    private record Step(FloatMemory in, AttentionShape shape, CpuKeyValueCache cache, FloatMemory out) {}

    /** The query heads of row b that read key/value heads g0 to g1 - 1. */
    private void attend(Step step, int b, int g0, int g1, int slot, int position) {
        AttentionShape s = step.shape;
        CpuKeyValueCache cache = step.cache;
        int d = s.headDim();
        int channels = (g1 - g0) * d;
        int queries = channels * s.group();
        long at = (long) b * s.qkvWidth();
        int entry = cache.entry(position);
        float[] row = ThreadScratch.local().array(0, queries);
        float[][] keys = cache.keys(slot);
        float[][] values = cache.values(slot);
        put(step.in, at + s.keyColumn(g0), row, channels, keys, g0 * d, entry);
        put(step.in, at + s.valueColumn(g0), row, channels, values, g0 * d, entry);
        step.in.get(at + s.queryColumn(g0 * s.group()), row, queries);
        attention.math().scale(row, queries, (float) s.scale());
        heads.attend(row, queries / d, s.group(), d, keys, values, g0 * d, cache.visible(position));
        step.out.put((long) b * s.outWidth() + (long) g0 * s.group() * d, row, queries);
    }

    private static void put(FloatMemory in, long at, float[] row, int n, float[][] channels, int first, int entry) {
        in.get(at, row, n);
        for (int c = 0; c < n; c++) {
            channels[first + c][entry] = row[c];
        }
    }
}
