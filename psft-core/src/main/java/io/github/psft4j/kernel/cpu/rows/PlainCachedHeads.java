package io.github.psft4j.kernel.cpu.rows;

import static io.github.psft4j.kernel.cpu.rows.InOrder.fma;

/**
 * {@link CachedHeads} in plain Java. Keys of several pages are laid side by side, so that loops are long: vector code
 * begins and ends with some scalar steps.
 */
record PlainCachedHeads(RowMath math) implements CachedHeads, HeadGroup.Loops {

    private static final int PAGE = CachedPages.ENTRIES;
    private static final int TILE = 8 * PAGE; // entries that are laid side by side
    private static final int ROW = 5; // slots of ThreadScratch
    private static final int SUMS = 6;

    @Override
    public void attend(float[] queries, int heads, int group, int d, CachedPages pages, int first, int n) {
        int step = Math.min(n, ScoreTile.KEYS);
        for (int h = 0; h < heads; h += group) {
            int head = first + h / group;
            HeadGroup all = new HeadGroup(group, step, d, this);
            for (int from = 0; from < n; from += ScoreTile.KEYS) {
                int to = Math.min(n, from + ScoreTile.KEYS);
                for (int i = from; i < to; i += TILE) {
                    float[][] keys = keys(pages, head, d, i / PAGE, CachedPages.pages(Math.min(to, i + TILE)));
                    for (int g = 0; g < group; g++) {
                        scores(queries, (h + g) * d, keys, d, all.scores, g * step + i - from, Math.min(TILE, to - i));
                    }
                }
                all.softmax(to - from);
                addWeighted(all, from, to, pages, head, d);
                all.endTile(math);
            }
            all.finish(queries, h * d, d);
        }
    }

    @Override
    public void maxima(float[] scores, int step, int heads, int n, float[] max) {
        float[] row = ThreadScratch.local().array(ROW, n);
        for (int g = 0; g < heads; g++) {
            System.arraycopy(scores, g * step, row, 0, n);
            max[g] = Math.max(max[g], math.max(row, n));
        }
    }

    @Override
    public void exponentials(float[] scores, int step, int heads, int n, float[] max) {
        float[] row = ThreadScratch.local().array(ROW, n);
        for (int g = 0; g < heads; g++) {
            System.arraycopy(scores, g * step, row, 0, n);
            float m = max[g];
            for (int i = 0; i < n; i++) {
                row[i] = Math.max(row[i] - m, -RowMath.EXP_LIMIT);
            }
            math.exp(row, row, n);
            System.arraycopy(row, 0, scores, g * step, n);
        }
    }

    /** Keys of a head in some pages, {@code [d][TILE]}. */
    private static float[][] keys(CachedPages pages, int head, int d, int from, int to) {
        ThreadScratch scratch = ThreadScratch.local();
        float[][] keys = scratch.rows(d, TILE);
        float[] one = scratch.array(1, PAGE * d);
        for (int page = from; page < to; page++) {
            pages.keys(page, head, 1, one, 0);
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
        float[] scores = ThreadScratch.local().zeroed(SUMS, n);
        int c = 0;
        for (; c + 4 <= d; c += 4) {
            addScores4(query, at + c, keys, c, scores, n);
        }
        for (; c < d; c++) {
            InOrder.add(query[at + c], keys[c], scores, n);
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
            float s = fma(q1, k1[i], fma(q0, k0[i], scores[i]));
            scores[i] = fma(q3, k3[i], fma(q2, k2[i], s));
        }
    }

    /** Adds the values of a head, weighted by the exponentials [from, to), to the outputs. */
    private static void addWeighted(HeadGroup all, int from, int to, CachedPages pages, int head, int d) {
        ThreadScratch scratch = ThreadScratch.local();
        float[] values = scratch.array(1, PAGE * d); // [PAGE][d]
        float[] sums = scratch.array(SUMS, d);
        for (int start = from; start < to; start += PAGE) {
            pages.values(start / PAGE, head, 1, values, 0);
            int entries = Math.min(PAGE, to - start);
            for (int g = 0; g < all.heads; g++) {
                System.arraycopy(all.out, g * d, sums, 0, d);
                int w = g * all.scoreStep + start - from;
                int i = 0;
                for (; i + 4 <= entries; i += 4) {
                    addWeighted4(all.scores, w + i, values, i * d, d, sums);
                }
                for (; i < entries; i++) {
                    addWeighted(all.scores[w + i], values, i * d, d, sums);
                }
                System.arraycopy(sums, 0, all.out, g * d, d);
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
