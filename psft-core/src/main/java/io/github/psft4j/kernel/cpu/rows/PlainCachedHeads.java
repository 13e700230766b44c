package io.github.psft4j.kernel.cpu.rows;

import static io.github.psft4j.kernel.cpu.rows.FusedMultiplyAdd.fma;

import java.util.Arrays;

/**
 * {@link CachedHeads} in plain Java: eight channels at a time, and the exponentials of several heads in one loop. The
 * loop is shared because vector code begins and ends with some scalar steps.
 */
record PlainCachedHeads(RowMath math) implements CachedHeads {

    private static final int BLOCK = 8;

    /** Scores whose exponentials are taken together. */
    private static final int SCORES = 4096;

    @Override
    public void attend(
            float[] queries, int heads, int group, int d, float[][] keys, float[][] values, int first, int n) {
        ThreadScratch scratch = ThreadScratch.local();
        int together = Math.max(1, Math.min(heads, SCORES / n));
        float[] row = scratch.array(2, n);
        float[] all = scratch.array(3, together * n); // [together, n]
        for (int h0 = 0; h0 < heads; h0 += together) {
            int h1 = Math.min(heads, h0 + together);
            for (int h = h0; h < h1; h++) {
                scores(queries, h * d, keys, first + h / group * d, d, row, n);
                subtractClamped(row, n, max(row, n));
                System.arraycopy(row, 0, all, (h - h0) * n, n);
            }
            math.exp(all, all, (h1 - h0) * n);
            for (int h = h0; h < h1; h++) {
                weightedMeans(all, (h - h0) * n, n, values, first + h / group * d, d, queries, h * d);
            }
        }
    }

    /**
     * {@code scores[i] = sum over c < d of query[at + c] keys[first + c][i]}; loops over more than four channels do not
     * vectorise.
     */
    private static void scores(float[] query, int at, float[][] keys, int first, int d, float[] scores, int n) {
        Arrays.fill(scores, 0, n, 0f);
        int c = 0;
        for (; c + 4 <= d; c += 4) {
            addScores4(query, at + c, keys, first + c, scores, n);
        }
        for (; c < d; c++) {
            addScores(query[at + c], keys[first + c], scores, n);
        }
    }

    private static void addScores4(float[] query, int at, float[][] keys, int first, float[] scores, int n) {
        float q0 = query[at];
        float q1 = query[at + 1];
        float q2 = query[at + 2];
        float q3 = query[at + 3];
        float[] k0 = keys[first];
        float[] k1 = keys[first + 1];
        float[] k2 = keys[first + 2];
        float[] k3 = keys[first + 3];
        for (int i = 0; i < n; i++) {
            scores[i] += q0 * k0[i] + q1 * k1[i] + q2 * k2[i] + q3 * k3[i];
        }
    }

    private static void addScores(float q, float[] k, float[] scores, int n) {
        for (int i = 0; i < n; i++) {
            scores[i] += q * k[i];
        }
    }

    /**
     * Largest of {@code a[0..n)}, NaN passed over: four side by side, so that comparisons do not wait for each other.
     */
    private static float max(float[] a, int n) {
        float m0 = Float.NEGATIVE_INFINITY;
        float m1 = m0;
        float m2 = m0;
        float m3 = m0;
        int i = 0;
        for (; i + 3 < n; i += 4) {
            m0 = a[i] > m0 ? a[i] : m0;
            m1 = a[i + 1] > m1 ? a[i + 1] : m1;
            m2 = a[i + 2] > m2 ? a[i + 2] : m2;
            m3 = a[i + 3] > m3 ? a[i + 3] : m3;
        }
        for (; i < n; i++) {
            m0 = a[i] > m0 ? a[i] : m0;
        }
        return Math.max(Math.max(m0, m1), Math.max(m2, m3));
    }

    private static void subtractClamped(float[] a, int n, float s) {
        for (int i = 0; i < n; i++) {
            a[i] = Math.max(a[i] - s, -RowMath.EXP_LIMIT);
        }
    }

    /**
     * {@code means[at + c] = sum of w[i] values[first + c][i] / sum of w[i]} for c < d, w being {@code weights[from
     * ..]}.
     */
    private static void weightedMeans(
            float[] weights, int from, int n, float[][] values, int first, int d, float[] means, int at) {
        float factor = 1 / sum(weights, from, n);
        int c = 0;
        for (; c + BLOCK <= d; c += BLOCK) {
            weightedSums8(weights, from, n, values, first + c, factor, means, at + c);
        }
        for (; c < d; c++) {
            float[] v = values[first + c];
            float s = 0;
            for (int i = 0; i < n; i++) {
                s += weights[from + i] * v[i];
            }
            means[at + c] = factor * s;
        }
    }

    private static float sum(float[] a, int from, int n) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        int i = from;
        int end = from + n;
        for (; i + 3 < end; i += 4) {
            s0 += a[i];
            s1 += a[i + 1];
            s2 += a[i + 2];
            s3 += a[i + 3];
        }
        for (; i < end; i++) {
            s0 += a[i];
        }
        return (s0 + s1) + (s2 + s3);
    }

    private static void weightedSums8(
            float[] weights, int from, int n, float[][] values, int first, float factor, float[] sums, int at) {
        float[] v0 = values[first];
        float[] v1 = values[first + 1];
        float[] v2 = values[first + 2];
        float[] v3 = values[first + 3];
        float[] v4 = values[first + 4];
        float[] v5 = values[first + 5];
        float[] v6 = values[first + 6];
        float[] v7 = values[first + 7];
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        for (int i = 0; i < n; i++) {
            float w = weights[from + i];
            s0 = fma(w, v0[i], s0);
            s1 = fma(w, v1[i], s1);
            s2 = fma(w, v2[i], s2);
            s3 = fma(w, v3[i], s3);
            s4 = fma(w, v4[i], s4);
            s5 = fma(w, v5[i], s5);
            s6 = fma(w, v6[i], s6);
            s7 = fma(w, v7[i], s7);
        }
        sums[at] = factor * s0;
        sums[at + 1] = factor * s1;
        sums[at + 2] = factor * s2;
        sums[at + 3] = factor * s3;
        sums[at + 4] = factor * s4;
        sums[at + 5] = factor * s5;
        sums[at + 6] = factor * s6;
        sums[at + 7] = factor * s7;
    }
}
