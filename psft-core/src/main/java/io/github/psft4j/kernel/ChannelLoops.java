package io.github.psft4j.kernel;

import java.util.Arrays;

/** Loops over the positions of a channel-major cache, eight channels at a time. */
final class ChannelLoops {

    private static final int BLOCK = 8;

    private ChannelLoops() {}

    /** {@code scores[i] = sum over c < d of query[at + c] keys[first + c][i]}. */
    static void scores(float[] query, int at, float[][] keys, int first, int d, float[] scores, int n) {
        int c = 0;
        if (d >= BLOCK) {
            scores8(query, at, keys, first, scores, n);
            c = BLOCK;
        } else {
            Arrays.fill(scores, 0, n, 0f);
        }
        for (; c + BLOCK <= d; c += BLOCK) {
            addScores8(query, at + c, keys, first + c, scores, n);
        }
        for (; c < d; c++) {
            addScores(query[at + c], keys[first + c], scores, n);
        }
    }

    private static void scores8(float[] query, int at, float[][] keys, int first, float[] scores, int n) {
        float q0 = query[at];
        float q1 = query[at + 1];
        float q2 = query[at + 2];
        float q3 = query[at + 3];
        float q4 = query[at + 4];
        float q5 = query[at + 5];
        float q6 = query[at + 6];
        float q7 = query[at + 7];
        float[] k0 = keys[first];
        float[] k1 = keys[first + 1];
        float[] k2 = keys[first + 2];
        float[] k3 = keys[first + 3];
        float[] k4 = keys[first + 4];
        float[] k5 = keys[first + 5];
        float[] k6 = keys[first + 6];
        float[] k7 = keys[first + 7];
        for (int i = 0; i < n; i++) {
            scores[i] = ((q0 * k0[i] + q1 * k1[i]) + (q2 * k2[i] + q3 * k3[i]))
                    + ((q4 * k4[i] + q5 * k5[i]) + (q6 * k6[i] + q7 * k7[i]));
        }
    }

    private static void addScores8(float[] query, int at, float[][] keys, int first, float[] scores, int n) {
        float q0 = query[at];
        float q1 = query[at + 1];
        float q2 = query[at + 2];
        float q3 = query[at + 3];
        float q4 = query[at + 4];
        float q5 = query[at + 5];
        float q6 = query[at + 6];
        float q7 = query[at + 7];
        float[] k0 = keys[first];
        float[] k1 = keys[first + 1];
        float[] k2 = keys[first + 2];
        float[] k3 = keys[first + 3];
        float[] k4 = keys[first + 4];
        float[] k5 = keys[first + 5];
        float[] k6 = keys[first + 6];
        float[] k7 = keys[first + 7];
        for (int i = 0; i < n; i++) {
            scores[i] += ((q0 * k0[i] + q1 * k1[i]) + (q2 * k2[i] + q3 * k3[i]))
                    + ((q4 * k4[i] + q5 * k5[i]) + (q6 * k6[i] + q7 * k7[i]));
        }
    }

    private static void addScores(float q, float[] k, float[] scores, int n) {
        for (int i = 0; i < n; i++) {
            scores[i] += q * k[i];
        }
    }

    /** Largest of {@code a[0..n)}, NaN passed over: four side by side, so that comparisons do not wait for each other. */
    static float max(float[] a, int n) {
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

    /** {@code sums[at + c] = factor sum over i < n of p[i] values[first + c][i]} for c < d. */
    static void weightedSums(float[] p, int n, float[][] values, int first, int d, float factor, float[] sums, int at) {
        int c = 0;
        for (; c + BLOCK <= d; c += BLOCK) {
            weightedSums8(p, n, values, first + c, factor, sums, at + c);
        }
        for (; c < d; c++) {
            float[] v = values[first + c];
            float sum = 0;
            for (int i = 0; i < n; i++) {
                sum += p[i] * v[i];
            }
            sums[at + c] = factor * sum;
        }
    }

    private static void weightedSums8(
            float[] p, int n, float[][] values, int first, float factor, float[] sums, int at) {
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
            float w = p[i];
            s0 += w * v0[i];
            s1 += w * v1[i];
            s2 += w * v2[i];
            s3 += w * v3[i];
            s4 += w * v4[i];
            s5 += w * v5[i];
            s6 += w * v6[i];
            s7 += w * v7[i];
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
