package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention of {@link CpuOps} over a key/value cache. */
final class CpuCachedAttention {

    private final WorkerPool pool;

    CpuCachedAttention(WorkerPool pool) {
        this.pool = pool;
    }

    void store(INDArray qkv, AttentionShape s, INDArray cache, int firstPosition) {
        FloatMemory in = FloatMemory.of(qkv);
        FloatMemory kv = FloatMemory.of(cache);
        int capacity = (int) cache.size(1);
        int kvWidth = 2 * s.kvHeads() * s.headDim();
        if (firstPosition + s.time() > capacity) {
            throw new IllegalArgumentException("the key/value cache holds " + capacity + " positions, "
                    + (firstPosition + s.time()) + " are needed");
        }
        float[] row = Scratch.local().array(0, kvWidth);
        for (int r = 0; r < s.rows(); r++) {
            in.get((long) r * s.qkvWidth() + s.keyColumn(0), row, kvWidth);
            long position = (long) (r / s.time()) * capacity + firstPosition + r % s.time();
            kv.put(position * kvWidth, row, kvWidth);
        }
    }

    void cached(INDArray qkv, AttentionShape s, INDArray cache, int firstPosition, INDArray out) {
        FloatMemory in = FloatMemory.of(qkv);
        FloatMemory kv = FloatMemory.of(cache);
        FloatMemory o = FloatMemory.of(out);
        int capacity = (int) cache.size(1);
        int half = s.kvHeads() * s.headDim();
        CpuAttention.heads(pool, s, (b, h) -> {
            long base = (long) b * capacity * 2 * half + (long) (h / s.group()) * s.headDim();
            CpuAttention.forwardHead(
                    in, new CpuAttention.Keys(kv, base, base + half, 2 * half, firstPosition), s, b, h, o, null);
        });
    }
}
