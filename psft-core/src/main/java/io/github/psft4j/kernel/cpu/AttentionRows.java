package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import java.util.Arrays;

/**
 * Loops that the passes of attention share. A tile of scores is stored by keys, {@code [keys, queries]}, so that its
 * rows run over queries. Maxima and sums per query then combine whole rows, which vectorises; sums along a row do not.
 */
final class AttentionRows {

    private static final float[] ZEROS = new float[256]; // never written to

    private AttentionRows() {}

    /** First of the queries, counted from query0, that sees a key. */
    static int firstQuery(int key, int query0) {
        return Math.max(0, key - query0);
    }

    /** One past the last of {@code queries} queries, counted from query0, that sees a key. */
    static int endQuery(AttentionShape s, int key, int query0, int queries) {
        return s.window() == 0 ? queries : Math.max(0, Math.min(queries, key + s.window() - query0));
    }

    /** Overwrites the first n elements outside [from, to). */
    static void fillOutside(float[] row, int n, int from, int to, float value) {
        Arrays.fill(row, 0, Math.min(from, n), value);
        if (to < n) {
            Arrays.fill(row, to, n, value);
        }
    }

    /** {@code y[i] = max(y[i], x[i])}. */
    static void max(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = Math.max(y[i], x[i]);
        }
    }

    /** {@code a[i] = max(a[i] - b[i], -87)}: differences from a maximum, in the range of {@link RowMath#exp}. */
    static void subtractClamped(float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            a[i] = Math.max(a[i] - b[i], -87f);
        }
    }

    /** {@code sumP += p} and {@code sumPdp += p dp}. */
    static void addProducts(float[] p, float[] dp, float[] sumP, float[] sumPdp, int n) {
        for (int i = 0; i < n; i++) {
            sumP[i] += p[i];
        }
        for (int i = 0; i < n; i++) {
            sumPdp[i] += p[i] * dp[i];
        }
    }

    /** {@code dp = p (dp - delta) scale}. */
    static void scoreGrad(float[] p, float[] dp, float[] delta, int n, float scale) {
        for (int i = 0; i < n; i++) {
            dp[i] = p[i] * (dp[i] - delta[i]) * scale;
        }
    }

    /** Zeros n floats. */
    static void zero(FloatMemory memory, long at, int n) {
        for (int i = 0; i < n; i += ZEROS.length) {
            memory.put(at + i, ZEROS, Math.min(ZEROS.length, n - i));
        }
    }

    /** Zeros the first n floats of rows that lie {@code stride} apart. */
    static void zeroRows(FloatMemory memory, long at, int rows, int stride, int n) {
        for (int i = 0; i < rows; i++) {
            zero(memory, at + (long) i * stride, n);
        }
    }

    /** Zeros a worker's share of the token rows that belong to no sequence. */
    static void zeroPadding(AttentionShape s, FloatMemory memory, int width, int worker, int workers) {
        SequenceLayout layout = s.layout();
        if (layout.isWhole()) {
            return;
        }
        int end = WorkerPool.start(s.rows(), worker + 1, workers);
        for (int row = WorkerPool.start(s.rows(), worker, workers); row < end; row++) {
            if (layout.sequence(row) == SequenceLayout.PADDING) {
                zero(memory, (long) row * width, width);
            }
        }
    }
}
