package io.github.psft4j.kernel.cpu.rows;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * {@link CachedHeads} by the JDK's Vector module, two pages at a time. All query heads of a key/value head share the
 * pages that are loaded. Vectors run past the last entry and the last channel; what they find there is left out.
 */
record VectorCachedHeads(RowMath math) implements CachedHeads {

    private static final int L = FloatVector.SPECIES_PREFERRED.length();
    private static final int PAGE = CachedPages.ENTRIES;
    private static final int PAGES = 2; // of a tile
    private static final int TILE = PAGES * PAGE; // entries
    private static final int COLUMNS = 2 * L; // that a product takes at a time

    @Override
    public void attend(float[] queries, int heads, int group, int d, CachedPages pages, int first, int n) {
        ThreadScratch scratch = ThreadScratch.local();
        int count = CachedPages.pages(n);
        int end = (count + PAGES - 1) / PAGES * TILE;
        int wide = (d + COLUMNS - 1) / COLUMNS * COLUMNS;
        float[] tile = scratch.array(1, TILE * d + COLUMNS);
        float[] scores = scratch.zeroed(2, group * end);
        float[] out = scratch.array(3, group * wide);
        // vectors of keys that share a query: halves of a page, or two pages
        boolean halves = L < PAGE;
        SharedOperand keys =
                new SharedOperand(queries, d, tile, PAGE, halves ? L : PAGE * d, scores, end, halves ? L : PAGE);
        SharedOperand values = new SharedOperand(scores, end, tile, d, L, out, wide, L);
        double[] sums = new double[2];
        for (int h = 0; h < heads; h += group) {
            int head = first + h / group;
            for (int page = 0; page < count; page += PAGES) {
                int there = Math.min(PAGES, count - page);
                for (int p = 0; p < there; p++) {
                    pages.keys(page + p, head, tile, p * PAGE * d);
                }
                scores(keys, group, h * d, d, page * PAGE, halves ? there : 1);
            }
            for (int g = 0; g < group; g++) {
                softmax(scores, g * end, n, sums);
            }
            Arrays.fill(out, 0, group * wide, 0f);
            for (int page = 0; page < count; page += PAGES) {
                for (int p = 0; p < Math.min(PAGES, count - page); p++) {
                    pages.values(page + p, head, tile, p * PAGE * d);
                }
                int entries = Math.min(TILE, n - page * PAGE);
                for (int c = 0; c < d; c += COLUMNS) {
                    values.add(group, page * PAGE, c, entries, c);
                }
            }
            for (int g = 0; g < group; g++) {
                System.arraycopy(out, g * wide, queries, (h + g) * d, d);
            }
            Arrays.fill(scores, 0, group * end, 0f);
        }
    }

    /** Of so many pages, or of two at once. */
    private static void scores(SharedOperand keys, int group, int query, int d, int entry, int pages) {
        for (int p = 0; p < pages; p++) {
            for (int i = 0; i < PAGE; i += COLUMNS) {
                keys.add(group, query, p * PAGE * d + i, d, entry + p * PAGE + i);
            }
        }
    }

    private void softmax(float[] scores, int at, int n, double[] sums) {
        float[] row = ThreadScratch.local().array(4, n);
        System.arraycopy(scores, at, row, 0, n);
        sums[0] = 0;
        math.expSums(row, n, math.max(row, n), sums);
        math.scale(row, n, (float) (1 / sums[0]));
        System.arraycopy(row, 0, scores, at, n);
    }
}
