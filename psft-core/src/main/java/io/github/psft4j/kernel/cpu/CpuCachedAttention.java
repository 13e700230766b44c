package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.CachedAttention;
import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.KeyValueMemory;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.CachedHeads;
import io.github.psft4j.kernel.cpu.rows.CachedPages;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link CachedAttention} in float, by loops in Java: a product with one row costs more to call than to compute. */
record CpuCachedAttention(CpuAttention attention, CachedHeads heads) implements CachedAttention {

    @Override
    public KeyValueMemory memory() {
        return new CpuKeyValueMemory();
    }

    @Override
    public void rotate(INDArray qkv, AttentionShape s, RotaryTable table, int[] positions) {
        for (int position : positions) {
            table.check(s, position);
        }
        attention.rotate(qkv, s, table, positions.length, r -> positions[r], 1f);
    }

    /** Keys and values of whole prompts, of which a ring keeps the end. A worker takes whole pages. */
    @Override
    public void store(INDArray qkv, AttentionShape s, KeyValueCache kept, int[] slots) {
        CpuKeyValueCache cache = (CpuKeyValueCache) kept;
        int[] ends = new int[slots.length]; // pages of the sequences up to this one
        int pages = 0;
        for (int b = 0; b < slots.length; b++) {
            int entries = Math.min(s.layout().length(b), cache.capacity());
            cache.slot(slots[b]).restart(entries);
            pages += CachedPages.pages(entries);
            ends[b] = pages;
        }
        FloatMemory in = FloatMemory.of(qkv);
        attention.pool().share(pages, (from, to, id) -> {
            int b = 0;
            for (int u = from; u < to; u++) {
                while (u >= ends[b]) {
                    b++;
                }
                store(in, s, b, u - (b == 0 ? 0 : ends[b - 1]), cache, cache.slot(slots[b]));
            }
        });
    }

    /** Page of sequence b. */
    private static void store(
            FloatMemory in, AttentionShape s, int b, int page, CpuKeyValueCache cache, CpuKeyValueCache.Slot slot) {
        int d = s.headDim();
        int width = 2 * s.kvHeads() * d;
        int time = s.layout().length(b);
        int first = Math.max(0, time - cache.capacity()); // position that is kept
        int entry = page * CachedPages.ENTRIES;
        int count = Math.min(CachedPages.ENTRIES, time - first - entry);
        ThreadScratch scratch = ThreadScratch.local();
        float[] rows = scratch.array(0, CachedPages.ENTRIES * width); // [entries, keys and values]
        for (int i = 0; i < count; i++) {
            int position = first + Math.floorMod(entry + i - first, cache.capacity());
            long row = s.layout().start(b) + position;
            in.get(row * s.qkvWidth() + s.keyColumn(0), rows, i * width, width);
        }
        int half = CachedPages.ENTRIES * s.kvHeads() * d;
        float[] whole = scratch.array(1, 2 * half);
        for (int i = 0; i < count; i++) {
            int value = i * width + s.valueColumn(0) - s.keyColumn(0);
            for (int c = 0; c < s.kvHeads() * d; c++) {
                whole[c * CachedPages.ENTRIES + i] = rows[i * width + c];
            }
            for (int g = 0; g < s.kvHeads(); g++) {
                System.arraycopy(rows, value + g * d, whole, half + (g * CachedPages.ENTRIES + i) * d, d);
            }
        }
        slot.put(page, whole);
    }

    @Override
    public void share(KeyValueCache kept, int from, int[] to, int time) {
        CpuKeyValueCache cache = (CpuKeyValueCache) kept;
        for (int slot : to) {
            cache.slot(slot).share(cache.slot(from), Math.min(time, cache.capacity()));
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
            CpuKeyValueCache.Slot slot = cache.slot(slots[b]);
            slot.reserve(cache.visible(positions[b]));
            slot.own(cache.entry(positions[b]));
            if (b == 0 || slots[b] != slots[b - 1]) {
                starts[count++] = b;
            }
        }
        starts[count] = slots.length;
        int parts = count >= attention.pool().workers() ? 1 : s.kvHeads(); // of a sequence
        attention.pool().share(count * parts, (from, to, id) -> {
            for (int u = from; u < to; u = (u / parts + 1) * parts) {
                int end = Math.min(to, (u / parts + 1) * parts);
                int g0 = WorkerPool.start(s.kvHeads(), u % parts, parts);
                int g1 = WorkerPool.start(s.kvHeads(), (end - 1) % parts + 1, parts);
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
        int d = s.headDim();
        int channels = (g1 - g0) * d;
        int queries = channels * s.group();
        long at = (long) b * s.qkvWidth();
        CpuKeyValueCache.Slot pages = step.cache.slot(slot);
        float[] row = ThreadScratch.local().array(0, Math.max(queries, 2 * channels));
        step.in.get(at + s.keyColumn(g0), row, 0, channels);
        step.in.get(at + s.valueColumn(g0), row, channels, channels);
        pages.put(step.cache.entry(position), g0, g1 - g0, row, 0, channels);
        step.in.get(at + s.queryColumn(g0 * s.group()), row, queries);
        attention.math().scale(row, queries, (float) s.scale());
        heads.attend(row, queries / d, s.group(), d, pages, g0, step.cache.visible(position));
        step.out.put((long) b * s.outWidth() + (long) g0 * s.group() * d, row, queries);
    }
}
