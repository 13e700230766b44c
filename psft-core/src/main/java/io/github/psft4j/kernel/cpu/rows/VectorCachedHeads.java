package io.github.psft4j.kernel.cpu.rows;

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
        int count = CachedPages.pages(n);
        int end = (count + PAGES - 1) / PAGES * TILE;
        HeadGroup all = new HeadGroup(group, end, (d + COLUMNS - 1) / COLUMNS * COLUMNS);
        float[] tile = ThreadScratch.local().array(1, TILE * d + COLUMNS);
        // vectors of keys that share a query: halves of a page, or two pages
        boolean halves = L < PAGE;
        VectorOperand keys =
                new VectorOperand(queries, d, tile, PAGE, halves ? L : PAGE * d, all.scores, end, halves ? L : PAGE);
        VectorOperand values = new VectorOperand(all.scores, end, tile, d, L, all.out, all.outStep, L);
        for (int h = 0; h < heads; h += group) {
            int head = first + h / group;
            for (int page = 0; page < count; page += PAGES) {
                int there = Math.min(PAGES, count - page);
                for (int p = 0; p < there; p++) {
                    pages.keys(page + p, head, tile, p * PAGE * d);
                }
                scores(keys, group, h * d, d, page * PAGE, halves ? there : 1);
            }
            all.start();
            for (int from = 0; from < n; from += ScoreTile.KEYS) {
                int to = Math.min(n, from + ScoreTile.KEYS);
                all.tile(from, to, math, VectorCalls::expDifferences);
                for (int page = from / PAGE; page * PAGE < to; page += PAGES) {
                    for (int p = 0; p < Math.min(PAGES, count - page); p++) {
                        pages.values(page + p, head, tile, p * PAGE * d);
                    }
                    int entries = Math.min(TILE, to - page * PAGE);
                    for (int c = 0; c < d; c += COLUMNS) {
                        values.add(group, page * PAGE, c, entries, c);
                    }
                }
                all.endTile(from, math);
            }
            all.finish(queries, h * d, d);
        }
    }

    /** Of so many pages, or of two at once. */
    private static void scores(VectorOperand keys, int group, int query, int d, int entry, int pages) {
        for (int p = 0; p < pages; p++) {
            for (int i = 0; i < PAGE; i += COLUMNS) {
                keys.add(group, query, p * PAGE * d + i, d, entry + p * PAGE + i);
            }
        }
    }
}
