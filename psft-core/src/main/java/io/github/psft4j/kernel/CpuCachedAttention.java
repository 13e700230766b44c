package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention of one new token per sequence over a {@link CpuKeyValueCache}, in plain loops: a product with one row costs
 * more to call than to compute.
 */
final class CpuCachedAttention {

    private final WorkerPool pool;

    CpuCachedAttention(WorkerPool pool) {
        this.pool = pool;
    }

    void rotate(INDArray qkv, AttentionShape s, RotaryTable table, int[] positions) {
        FloatMemory mem = FloatMemory.of(qkv);
        int d = s.headDim();
        int half = d / 2;
        int rotated = s.heads() + s.kvHeads(); // queries, then keys
        pool.share(positions.length, (scratch, from, to, id) -> {
            float[] row = scratch.array(0, rotated * d);
            for (int r = from; r < to; r++) {
                table.check(s, positions[r]);
                long at = (long) r * s.qkvWidth();
                mem.get(at, row, rotated * d);
                for (int h = 0; h < rotated; h++) {
                    CpuAttention.rotateHead(row, h * d, half, table.cos(), table.sin(), positions[r] * half, 1f);
                }
                mem.put(at, row, rotated * d);
            }
        });
    }

    /** Keys and values of whole prompts, of which a ring keeps the end. */
    void store(INDArray qkv, AttentionShape s, CpuKeyValueCache cache, int[] slots) {
        FloatMemory in = FloatMemory.of(qkv);
        int channels = s.kvHeads() * s.headDim();
        int capacity = cache.capacity();
        pool.share(slots.length, (scratch, from, to, id) -> {
            float[] row = scratch.array(0, 2 * channels);
            for (int b = from; b < to; b++) {
                cache.reserve(slots[b], Math.min(s.time(), capacity));
                float[][] keys = cache.keys(slots[b]);
                float[][] values = cache.values(slots[b]);
                for (int t = Math.max(0, s.time() - capacity); t < s.time(); t++) {
                    in.get(((long) b * s.time() + t) * s.qkvWidth() + s.keyColumn(0), row, 2 * channels);
                    int entry = cache.entry(t);
                    for (int c = 0; c < channels; c++) {
                        keys[c][entry] = row[c];
                        values[c][entry] = row[channels + c];
                    }
                }
            }
        });
    }

    /** Stores the new keys and values and attends, a worker taking whole key/value heads. */
    void next(INDArray qkv, AttentionShape s, CpuKeyValueCache cache, int[] slots, int[] positions, INDArray out) {
        FloatMemory in = FloatMemory.of(qkv);
        FloatMemory o = FloatMemory.of(out);
        for (int b = 0; b < slots.length; b++) {
            cache.reserve(slots[b], cache.visible(positions[b]));
        }
        pool.share(slots.length * s.kvHeads(), (scratch, from, to, id) -> {
            for (int u = from; u < to; u++) {
                int b = u / s.kvHeads();
                group(in, s, cache, b, u % s.kvHeads(), slots[b], positions[b], o, scratch);
            }
        });
    }

    /** The query heads of sequence b that read key/value head g. */
    private static void group(
            FloatMemory in,
            AttentionShape s,
            CpuKeyValueCache cache,
            int b,
            int g,
            int slot,
            int position,
            FloatMemory out,
            Scratch scratch) {
        int d = s.headDim();
        int queries = s.group() * d;
        long at = (long) b * s.qkvWidth();
        int n = cache.visible(position);
        int entry = cache.entry(position);
        float[] row = scratch.array(0, Math.max(queries, d));
        float[] scores = scratch.array(1, n);
        float[] sums = scratch.array(2, queries);
        float[][] keys = cache.keys(slot);
        float[][] values = cache.values(slot);
        put(in, at + s.keyColumn(g), row, d, keys, g * d, entry);
        put(in, at + s.valueColumn(g), row, d, values, g * d, entry);
        in.get(at + s.queryColumn(g * s.group()), row, queries);
        Rows.scale(row, queries, (float) s.scale());
        for (int q = 0; q < queries; q += d) {
            ChannelLoops.scores(row, q, keys, g * d, d, scores, n);
            float max = ChannelLoops.max(scores, n);
            Rows.subtractClamped(scores, n, max);
            Rows.exp(scores, scores, n);
            float factor = 1f / Rows.sum(scores, n);
            ChannelLoops.weightedSums(scores, n, values, g * d, d, factor, sums, q);
        }
        out.put((long) b * s.outWidth() + (long) g * queries, sums, queries);
    }

    private static void put(FloatMemory in, long at, float[] row, int d, float[][] channels, int first, int entry) {
        in.get(at, row, d);
        for (int c = 0; c < d; c++) {
            channels[first + c][entry] = row[c];
        }
    }
}
