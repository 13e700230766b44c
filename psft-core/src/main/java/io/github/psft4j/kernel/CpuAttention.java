package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Causal grouped-query attention by blocks of queries.
 *
 * <p>A block of {@value #QUERY_BLOCK} queries meets only the keys from its first query's window up to its last position, and the backward pass recomputes its
 * probabilities from the log-sum-exp (as in FlashAttention, arXiv 2205.14135), so that working memory grows with T, not with T
 * squared. Heads are read in place out of the fused query-key-value rows by stride. A worker takes whole key/value heads, which
 * makes the sums into dK and dV its own.
 */
final class CpuAttention {

    private static final int QUERY_BLOCK = 64;

    private final WorkerPool pool;
    private final Gemm gemm;

    CpuAttention(WorkerPool pool, Gemm gemm) {
        this.pool = pool;
        this.gemm = gemm;
    }

    void rotate(INDArray qkv, AttentionShape s, RotaryTable table, int firstPosition, boolean inverse) {
        table.check(s, firstPosition);
        FloatMemory mem = FloatMemory.of(qkv);
        int d = s.headDim();
        int half = d / 2;
        int rotated = s.heads() + s.kvHeads(); // queries, then keys
        float sign = inverse ? -1f : 1f;
        pool.share(s.rows(), (scratch, from, to, id) -> {
            float[] row = scratch.array(0, rotated * d);
            for (int r = from; r < to; r++) {
                long at = (long) r * s.qkvWidth();
                int tableAt = (firstPosition + r % s.time()) * half;
                mem.get(at, row, rotated * d);
                for (int h = 0; h < rotated; h++) {
                    rotateHead(row, h * d, half, table.cos(), table.sin(), tableAt, sign);
                }
                mem.put(at, row, rotated * d);
            }
        });
    }

    private static void rotateHead(float[] row, int at, int half, float[] cos, float[] sin, int tableAt, float sign) {
        for (int i = 0; i < half; i++) {
            float c = cos[tableAt + i];
            float s = sin[tableAt + i] * sign;
            float a = row[at + i];
            float b = row[at + half + i];
            row[at + i] = a * c - b * s;
            row[at + half + i] = b * c + a * s;
        }
    }

    void forward(INDArray qkv, AttentionShape s, INDArray out, INDArray logSumExp) {
        FloatMemory in = FloatMemory.of(qkv);
        FloatMemory o = FloatMemory.of(out);
        FloatMemory lse = FloatMemory.of(logSumExp);
        int width = s.qkvWidth();
        heads(s, (b, h) -> {
            long base = (long) b * s.time() * width;
            int g = h / s.group();
            Keys keys = new Keys(in, base + s.keyColumn(g), base + s.valueColumn(g), width, 0);
            forwardHead(in, keys, s, b, h, o, lse);
        });
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
        heads(s, (b, h) -> {
            long base = (long) b * capacity * 2 * half + (long) (h / s.group()) * s.headDim();
            forwardHead(in, new Keys(kv, base, base + half, 2 * half, firstPosition), s, b, h, o, null);
        });
    }

    /** Where the keys and values of one head lie: offsets of position 0, row stride, and how many positions precede the queries. */
    private record Keys(FloatMemory memory, long key, long value, int stride, int before) {}

    private interface Head {
        void run(int b, int h);
    }

    private void heads(AttentionShape s, Head head) {
        pool.share(s.batch() * s.heads(), (scratch, from, to, id) -> {
            for (int u = from; u < to; u++) {
                head.run(u / s.heads(), u % s.heads());
            }
        });
    }

    private void forwardHead(
            FloatMemory qkv, Keys kv, AttentionShape s, int b, int h, FloatMemory out, FloatMemory lse) {
        int time = s.time();
        int d = s.headDim();
        int width = s.qkvWidth();
        int longest = kv.before() + time;
        long q = (long) b * time * width + s.queryColumn(h);
        long o = (long) b * time * s.outWidth() + (long) h * d;
        Scratch scratch = Scratch.local();
        float[] row = scratch.array(0, longest);
        float[] sums = scratch.array(2, QUERY_BLOCK);
        FloatMemory scores = scratch.memory(0, (long) QUERY_BLOCK * longest); // [block, keys]
        for (int q0 = 0; q0 < time; q0 += QUERY_BLOCK) {
            int queries = Math.min(QUERY_BLOCK, time - q0);
            int first = s.firstVisible(kv.before() + q0);
            int keys = kv.before() + q0 + queries - first;
            long skipped = (long) first * kv.stride();
            gemm.run(
                    false,
                    true,
                    queries,
                    keys,
                    d,
                    (float) s.scale(),
                    qkv,
                    q + (long) q0 * width,
                    width,
                    kv.memory(),
                    kv.key() + skipped,
                    kv.stride(),
                    0f,
                    scores,
                    0,
                    keys);
            for (int i = 0; i < queries; i++) {
                int position = kv.before() + q0 + i;
                int from = s.firstVisible(position) - first;
                int visible = position + 1 - first - from;
                scores.get((long) i * keys + from, row, visible);
                float max = Rows.max(row, visible);
                Rows.subtractClamped(row, visible, max);
                Rows.exp(row, row, visible);
                float sum = Rows.sum(row, visible);
                Rows.scale(row, visible, 1f / sum);
                putVisible(scores, (long) i * keys, row, from, visible, keys, scratch);
                sums[i] = max + (float) Math.log(sum);
            }
            if (lse != null) {
                lse.put(((long) b * s.heads() + h) * time + q0, sums, queries);
            }
            gemm.run(
                    false,
                    false,
                    queries,
                    d,
                    keys,
                    1f,
                    scores,
                    0,
                    keys,
                    kv.memory(),
                    kv.value() + skipped,
                    kv.stride(),
                    0f,
                    out,
                    o + (long) q0 * s.outWidth(),
                    s.outWidth());
        }
    }

    /** Row of scores over a block's keys: n values from column {@code from} on, zeros around them. */
    private static void putVisible(
            FloatMemory scores, long at, float[] row, int from, int n, int keys, Scratch scratch) {
        float[] zeros = scratch.zeroed(6, Math.max(from, keys - from - n));
        scores.put(at, zeros, from);
        scores.put(at + from, row, n);
        scores.put(at + from + n, zeros, keys - from - n);
    }

    void backward(INDArray qkv, AttentionShape s, INDArray dOut, INDArray logSumExp, INDArray dqkv) {
        FloatMemory in = FloatMemory.of(qkv);
        FloatMemory dO = FloatMemory.of(dOut);
        FloatMemory lse = FloatMemory.of(logSumExp);
        FloatMemory dIn = FloatMemory.of(dqkv);
        pool.share(s.batch() * s.kvHeads(), (scratch, from, to, id) -> {
            for (int u = from; u < to; u++) {
                int b = u / s.kvHeads();
                int g = u % s.kvHeads();
                for (int j = 0; j < s.group(); j++) {
                    backwardHead(in, s, b, g * s.group() + j, j == 0, dO, lse, dIn);
                }
            }
        });
    }

    /** One query head; dK and dV of its key/value head are cleared for the first head of the group, then added to. */
    private void backwardHead(
            FloatMemory qkv,
            AttentionShape s,
            int b,
            int h,
            boolean firstOfGroup,
            FloatMemory dOut,
            FloatMemory lse,
            FloatMemory dqkv) {
        int time = s.time();
        int d = s.headDim();
        int width = s.qkvWidth();
        int outWidth = s.outWidth();
        long base = (long) b * time * width;
        long q = base + s.queryColumn(h);
        long k = base + s.keyColumn(h / s.group());
        long v = base + s.valueColumn(h / s.group());
        long o = (long) b * time * outWidth + (long) h * d;
        float scale = (float) s.scale();
        Scratch scratch = Scratch.local();
        float[] p = scratch.array(0, time);
        float[] dp = scratch.array(1, time);
        float[] fold = scratch.array(3, time);
        float[] lseBlock = scratch.array(2, QUERY_BLOCK);
        FloatMemory probs = scratch.memory(0, (long) QUERY_BLOCK * time); // [block, keys]
        FloatMemory dScores = scratch.memory(1, (long) QUERY_BLOCK * time); // [block, keys]
        if (firstOfGroup) {
            clearRows(dqkv, k, time, width, d, scratch);
            clearRows(dqkv, v, time, width, d, scratch);
        }
        for (int q0 = 0; q0 < time; q0 += QUERY_BLOCK) {
            int queries = Math.min(QUERY_BLOCK, time - q0);
            int first = s.firstVisible(q0);
            int keys = q0 + queries - first;
            long qBlock = q + (long) q0 * width;
            long oBlock = o + (long) q0 * outWidth;
            long kBlock = k + (long) first * width;
            long vBlock = v + (long) first * width;
            gemm.run(false, true, queries, keys, d, scale, qkv, qBlock, width, qkv, kBlock, width, 0f, probs, 0, keys);
            gemm.run(
                    false, true, queries, keys, d, 1f, dOut, oBlock, outWidth, qkv, vBlock, width, 0f, dScores, 0,
                    keys);
            lse.get(((long) b * s.heads() + h) * time + q0, lseBlock, queries);
            for (int i = 0; i < queries; i++) {
                int from = s.firstVisible(q0 + i) - first;
                int visible = q0 + i + 1 - first - from;
                probs.get((long) i * keys + from, p, visible);
                dScores.get((long) i * keys + from, dp, visible);
                Rows.subtractClamped(p, visible, lseBlock[i]);
                Rows.exp(p, p, visible);
                // sum(dO * O), but from the probabilities as rounded: the score gradients of a row must add up to 0.
                float delta = Rows.dot(p, dp, visible, fold) / Rows.sum(p, visible);
                scoreGrad(p, dp, visible, delta, scale);
                putVisible(probs, (long) i * keys, p, from, visible, keys, scratch);
                putVisible(dScores, (long) i * keys, dp, from, visible, keys, scratch);
            }
            gemm.run(
                    true, false, keys, d, queries, 1f, probs, 0, keys, dOut, oBlock, outWidth, 1f, dqkv, vBlock, width);
            gemm.run(true, false, keys, d, queries, 1f, dScores, 0, keys, qkv, qBlock, width, 1f, dqkv, kBlock, width);
            gemm.run(false, false, queries, d, keys, 1f, dScores, 0, keys, qkv, kBlock, width, 0f, dqkv, qBlock, width);
        }
    }

    private static void clearRows(FloatMemory memory, long at, int rows, int stride, int n, Scratch scratch) {
        float[] zeros = scratch.zeroed(6, n);
        for (int i = 0; i < rows; i++) {
            memory.put(at + (long) i * stride, zeros, n);
        }
    }

    /** {@code dp = p (dp - delta) scale}. */
    private static void scoreGrad(float[] p, float[] dp, int n, float delta, float scale) {
        for (int i = 0; i < n; i++) {
            dp[i] = p[i] * (dp[i] - delta) * scale;
        }
    }
}
