package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.CpuOps.gemm;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Causal grouped-query attention by blocks of queries.
 *
 * <p>A block of {@value #QUERY_BLOCK} queries meets only the keys up to its last position, and the backward pass
 * recomputes its probabilities from the log-sum-exp (as in FlashAttention, arXiv 2205.14135), so that working memory
 * grows with T, not with T squared. Heads are read in place out of the fused query-key-value rows by stride. A worker
 * takes whole key/value heads, which makes the sums into dK and dV its own.
 */
final class CpuAttention {

    private static final int QUERY_BLOCK = 64;

    private final WorkerPool pool;

    CpuAttention(WorkerPool pool) {
        this.pool = pool;
    }

    void rotate(INDArray qkv, AttentionShape s, RotaryTable table, int firstPosition, boolean inverse) {
        if (firstPosition < 0 || firstPosition + s.time() > table.positions()) {
            throw new IllegalArgumentException("sequence reaches position " + (firstPosition + s.time())
                    + " but the rotary table ends at " + table.positions() + " (max_position_embeddings)");
        }
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

    /**
     * Where the keys and values of one head lie: offsets of position 0, row stride, and how many positions precede the
     * queries.
     */
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

    private static void forwardHead(
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
            int keys = kv.before() + q0 + queries;
            gemm(
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
                    kv.key(),
                    kv.stride(),
                    0f,
                    scores,
                    0,
                    keys);
            for (int i = 0; i < queries; i++) {
                int visible = kv.before() + q0 + i + 1;
                scores.get((long) i * keys, row, visible);
                float max = Rows.max(row, visible);
                Rows.subtractClamped(row, visible, max);
                Rows.exp(row, row, visible);
                float sum = Rows.sum(row, visible);
                Rows.scale(row, visible, 1f / sum);
                Arrays.fill(row, visible, keys, 0f);
                scores.put((long) i * keys, row, keys);
                sums[i] = max + (float) Math.log(sum);
            }
            if (lse != null) {
                lse.put(((long) b * s.heads() + h) * time + q0, sums, queries);
            }
            gemm(
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
                    kv.value(),
                    kv.stride(),
                    0f,
                    out,
                    o + (long) q0 * s.outWidth(),
                    s.outWidth());
        }
    }

    void backward(INDArray qkv, AttentionShape s, INDArray out, INDArray dOut, INDArray logSumExp, INDArray dqkv) {
        FloatMemory in = FloatMemory.of(qkv);
        FloatMemory o = FloatMemory.of(out);
        FloatMemory dO = FloatMemory.of(dOut);
        FloatMemory lse = FloatMemory.of(logSumExp);
        FloatMemory dIn = FloatMemory.of(dqkv);
        pool.share(s.batch() * s.kvHeads(), (scratch, from, to, id) -> {
            for (int u = from; u < to; u++) {
                int b = u / s.kvHeads();
                int g = u % s.kvHeads();
                for (int j = 0; j < s.group(); j++) {
                    backwardHead(in, s, b, g * s.group() + j, j == 0, o, dO, lse, dIn);
                }
            }
        });
    }

    /**
     * One query head; dK and dV of its key/value head are overwritten by the first head of the group, then added to.
     */
    private static void backwardHead(
            FloatMemory qkv,
            AttentionShape s,
            int b,
            int h,
            boolean first,
            FloatMemory out,
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
        float[] lseBlock = scratch.array(2, QUERY_BLOCK);
        FloatMemory probs = scratch.memory(0, (long) QUERY_BLOCK * time); // [block, keys]
        FloatMemory dScores = scratch.memory(1, (long) QUERY_BLOCK * time); // [block, keys]
        float beta = first ? 0f : 1f;
        // The last block sees every key, so that its products may overwrite dK and dV whole.
        for (int q0 = (time - 1) / QUERY_BLOCK * QUERY_BLOCK; q0 >= 0; q0 -= QUERY_BLOCK) {
            int queries = Math.min(QUERY_BLOCK, time - q0);
            int keys = q0 + queries;
            long qBlock = q + (long) q0 * width;
            long oBlock = o + (long) q0 * outWidth;
            gemm(false, true, queries, keys, d, scale, qkv, qBlock, width, qkv, k, width, 0f, probs, 0, keys);
            gemm(false, true, queries, keys, d, 1f, dOut, oBlock, outWidth, qkv, v, width, 0f, dScores, 0, keys);
            lse.get(((long) b * s.heads() + h) * time + q0, lseBlock, queries);
            for (int i = 0; i < queries; i++) {
                int visible = q0 + i + 1;
                float delta = rowDot(out, dOut, oBlock + (long) i * outWidth, d, scratch);
                probs.get((long) i * keys, p, visible);
                dScores.get((long) i * keys, dp, visible);
                Rows.subtractClamped(p, visible, lseBlock[i]);
                Rows.exp(p, p, visible);
                scoreGrad(p, dp, visible, delta, scale);
                Arrays.fill(p, visible, keys, 0f);
                Arrays.fill(dp, visible, keys, 0f);
                probs.put((long) i * keys, p, keys);
                dScores.put((long) i * keys, dp, keys);
            }
            gemm(true, false, keys, d, queries, 1f, probs, 0, keys, dOut, oBlock, outWidth, beta, dqkv, v, width);
            gemm(true, false, keys, d, queries, 1f, dScores, 0, keys, qkv, qBlock, width, beta, dqkv, k, width);
            gemm(false, false, queries, d, keys, 1f, dScores, 0, keys, qkv, k, width, 0f, dqkv, qBlock, width);
            beta = 1f;
        }
    }

    /** {@code dp = p (dp - delta) scale}. */
    private static void scoreGrad(float[] p, float[] dp, int n, float delta, float scale) {
        for (int i = 0; i < n; i++) {
            dp[i] = p[i] * (dp[i] - delta) * scale;
        }
    }

    private static float rowDot(FloatMemory a, FloatMemory b, long at, int n, Scratch scratch) {
        float[] x = scratch.array(3, n);
        float[] y = scratch.array(4, n);
        a.get(at, x, n);
        b.get(at, y, n);
        return Rows.dot(x, y, n, scratch.array(5, n));
    }
}
