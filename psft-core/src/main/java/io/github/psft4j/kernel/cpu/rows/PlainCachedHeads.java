package io.github.psft4j.kernel.cpu.rows;

import static io.github.psft4j.kernel.cpu.rows.FusedMultiplyAdd.fma;

import java.util.Arrays;

/**
 * {@link CachedHeads} in plain Java: keys of several pages are laid side by side, so that loops are long, and the
 * exponentials of the heads that share them are taken in one loop. Vector code begins and ends with some scalar steps.
 */
record PlainCachedHeads(RowMath math) implements CachedHeads {

    private static final int PAGE = CachedPages.ENTRIES;
    private static final int TILE = 8 * PAGE; // entries that are laid side by side

    @Override
    public void attend(float[] queries, int heads, int group, int d, CachedPages pages, int first, int n) {
        float[] all = ThreadScratch.local().array(2, group * n); // [group, n]
        for (int h = 0; h < heads; h += group) {
            for (int i = 0; i < n; i += TILE) {
                float[][] keys = keys(pages, first + h / group, d, i / PAGE, CachedPages.pages(Math.min(n, i + TILE)));
                for (int g = 0; g < group; g++) {
                    scores(queries, (h + g) * d, keys, d, all, g * n + i, Math.min(TILE, n - i));
                }
            }
            for (int g = 0; g < group; g++) {
                subtractClamped(all, g * n, n, max(all, g * n, n));
            }
            math.exp(all, all, group * n);
            Arrays.fill(queries, h * d, (h + group) * d, 0f);
            addWeighted(all, group, n, pages, first + h / group, queries, h * d, d);
            for (int g = 0; g < group; g++) {
                scale(queries, (h + g) * d, d, 1 / sum(all, g * n, n));
            }
        }
    }

    /** Keys of a head in some pages, {@code [d][TILE]}. */
    private static float[][] keys(CachedPages pages, int head, int d, int from, int to) {
        ThreadScratch scratch = ThreadScratch.local();
        float[][] keys = scratch.rows(d, TILE);
        float[] one = scratch.array(1, PAGE * d);
        for (int page = from; page < to; page++) {
            pages.keys(page, head, one, 0);
            for (int c = 0; c < d; c++) {
                System.arraycopy(one, c * PAGE, keys[c], (page - from) * PAGE, PAGE);
            }
        }
        return keys;
    }

    /**
     * {@code out[to + i] = sum over c < d of query[at + c] keys[c][i]}; loops over more than four channels do not
     * vectorise.
     */
    private static void scores(float[] query, int at, float[][] keys, int d, float[] out, int to, int n) {
        float[] scores = ThreadScratch.local().zeroed(3, n);
        int c = 0;
        for (; c + 4 <= d; c += 4) {
            addScores4(query, at + c, keys, c, scores, n);
        }
        for (; c < d; c++) {
            addScores(query[at + c], keys[c], scores, n);
        }
        System.arraycopy(scores, 0, out, to, n);
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
     * Largest of {@code a[from..from + n)}, NaN passed over: four side by side, so that comparisons do not wait for
     * each other.
     */
    private static float max(float[] a, int from, int n) {
        float m0 = Float.NEGATIVE_INFINITY;
        float m1 = m0;
        float m2 = m0;
        float m3 = m0;
        int i = from;
        int end = from + n;
        for (; i + 3 < end; i += 4) {
            m0 = a[i] > m0 ? a[i] : m0;
            m1 = a[i + 1] > m1 ? a[i + 1] : m1;
            m2 = a[i + 2] > m2 ? a[i + 2] : m2;
            m3 = a[i + 3] > m3 ? a[i + 3] : m3;
        }
        for (; i < end; i++) {
            m0 = a[i] > m0 ? a[i] : m0;
        }
        return Math.max(Math.max(m0, m1), Math.max(m2, m3));
    }

    private static void subtractClamped(float[] a, int from, int n, float s) {
        for (int i = from; i < from + n; i++) {
            a[i] = Math.max(a[i] - s, -RowMath.EXP_LIMIT);
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

    private static void scale(float[] a, int from, int n, float s) {
        for (int i = from; i < from + n; i++) {
            a[i] *= s;
        }
    }

    /** {@code out[at + g d + c] += sum over i < n of weights[g n + i] v[i][c]}, v being the values of a head. */
    private static void addWeighted(
            float[] weights, int group, int n, CachedPages pages, int head, float[] out, int at, int d) {
        ThreadScratch scratch = ThreadScratch.local();
        float[] values = scratch.array(1, PAGE * d); // [PAGE][d]
        float[] sums = scratch.array(3, d);
        for (int from = 0; from < n; from += PAGE) {
            pages.values(from / PAGE, head, values, 0);
            int entries = Math.min(PAGE, n - from);
            for (int g = 0; g < group; g++) {
                System.arraycopy(out, at + g * d, sums, 0, d);
                int w = g * n + from;
                int i = 0;
                for (; i + 4 <= entries; i += 4) {
                    addWeighted4(weights, w + i, values, i * d, d, sums);
                }
                for (; i < entries; i++) {
                    addWeighted(weights[w + i], values, i * d, d, sums);
                }
                System.arraycopy(sums, 0, out, at + g * d, d);
            }
        }
    }

    private static void addWeighted4(float[] weights, int w, float[] values, int from, int d, float[] sums) {
        float w0 = weights[w];
        float w1 = weights[w + 1];
        float w2 = weights[w + 2];
        float w3 = weights[w + 3];
        int second = from + d;
        int third = second + d;
        int fourth = third + d;
        for (int c = 0; c < d; c++) {
            float s = fma(w1, values[second + c], fma(w0, values[from + c], sums[c]));
            sums[c] = fma(w3, values[fourth + c], fma(w2, values[third + c], s));
        }
    }

    private static void addWeighted(float w, float[] values, int from, int d, float[] sums) {
        for (int c = 0; c < d; c++) {
            sums[c] = fma(w, values[from + c], sums[c]);
        }
    }
}
