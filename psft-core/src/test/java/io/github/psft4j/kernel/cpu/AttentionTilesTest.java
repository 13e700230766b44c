package io.github.psft4j.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.SequenceLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tiles hold every score that is needed and few others, and the workers' shares are about equal. */
class AttentionTilesTest {

    private static AttentionShape shape(int time, int window) {
        return new AttentionShape(1, time, 2, 1, 4, window, 0.5);
    }

    /** Tiles by query: what they cover. */
    private static final class Coverage implements AttentionTiles.Visitor {

        final int[][] seen; // [queries, keys]
        final boolean[] begun; // [queries], whether the first tile came
        final List<int[]> blocks = new ArrayList<>();
        long scores;

        Coverage(int time) {
            seen = new int[time][time];
            begun = new boolean[time];
        }

        @Override
        public void begin(int from, int to) {
            blocks.add(new int[] {from, to});
        }

        @Override
        public void tile(int query0, int queries, int key0, int keys, boolean first) {
            assertTrue(queries > 0 && keys > 0, "no empty tile");
            assertTrue(queries <= AttentionTiles.QUERIES && keys <= AttentionTiles.KEYS, "bounded tiles");
            int[] block = blocks.get(blocks.size() - 1);
            assertTrue(query0 >= block[0] && query0 + queries <= block[1], "inside its block");
            for (int q = query0; q < query0 + queries; q++) {
                assertEquals(!begun[q], first, "first tile of a query");
                begun[q] = true;
                for (int k = key0; k < key0 + keys; k++) {
                    seen[q][k]++;
                }
            }
            scores += (long) queries * keys;
        }

        @Override
        public void end(int from, int to) {
            int[] block = blocks.get(blocks.size() - 1);
            assertTrue(block[0] == from && block[1] == to && to - from <= AttentionTiles.QUERIES);
        }
    }

    @Test
    void everyScoreThatIsNeededIsInOneTileAndFewOthersAreInAny() {
        for (int[] it : new int[][] {
            {1, 0},
            {5, 0},
            {128, 0},
            {129, 0},
            {256, 0},
            {257, 0},
            {700, 0},
            {320, 64},
            {321, 65},
            {700, 1},
            {700, 127},
            {700, 128},
            {900, 290},
            {900, 320},
            {900, 2000}
        }) {
            AttentionShape shape = shape(it[0], it[1]);
            Coverage tiles = new Coverage(it[0]);
            AttentionTiles.visit(shape, 0, it[0], tiles);
            long needed = 0;
            for (int q = 0; q < it[0]; q++) {
                for (int k = 0; k < it[0]; k++) {
                    boolean visible = k <= q && k >= shape.firstVisible(q);
                    needed += visible ? 1 : 0;
                    if (visible ? tiles.seen[q][k] != 1 : tiles.seen[q][k] > 1) {
                        fail("query " + q + ", key " + k + " of " + shape + ": in " + tiles.seen[q][k] + " tiles");
                    }
                }
            }
            // In vain: of a run of queries the keys that only others of the run see, at either end of the window.
            long bound = needed + 2L * it[0] * AttentionTiles.EDGE;
            assertTrue(tiles.scores <= bound, shape + ": " + tiles.scores + " scores for " + needed);
        }
    }

    @Test
    void aRangeOfQueriesIsVisitedAloneInTheBlocksOfTheWhole() {
        Coverage tiles = new Coverage(700);
        AttentionTiles.visit(shape(700, 0), 128, 640, tiles);
        assertEquals(
                List.of("[128, 256]", "[256, 512]", "[512, 640]"),
                tiles.blocks.stream().map(Arrays::toString).toList());
        for (int q = 0; q < 700; q++) {
            assertEquals(q >= 128 && q < 640, tiles.begun[q], "query " + q);
        }
    }

    /** The large tiles of keys that all queries of a block see are what makes long sequences fast. */
    @Test
    void keysBeforeABlockAreTakenForTheWholeBlockAtOnce() {
        int[] whole = {0};
        AttentionTiles.visit(shape(512, 0), 256, 512, new AttentionTiles.Visitor() {
            @Override
            public void begin(int from, int to) {}

            @Override
            public void tile(int query0, int queries, int key0, int keys, boolean first) {
                whole[0] += queries == 256 && key0 == 0 && keys == 256 && first ? 1 : 0;
            }

            @Override
            public void end(int from, int to) {}
        });
        assertEquals(1, whole[0]);
    }

    @Test
    void sharesCoverEveryQueryOnceInOrderAndCostAboutTheSame() {
        AttentionShape packed =
                new AttentionShape(2, 700, 3, 1, 4).within(SequenceLayout.padded(new int[] {700, 300}, 700));
        for (AttentionShape shape : List.of(shape(1, 0), shape(700, 0), shape(1500, 100), packed)) {
            long[] all = new long[9];
            long dearest = 0; // a run of queries, which is never cut
            for (int workers : new int[] {1, 2, 3, 8}) {
                int[][] next = new int[shape.layout().count()][shape.heads()];
                long[] costs = new long[workers];
                int[] last = {-1};
                for (int w = 0; w < workers; w++) {
                    int worker = w;
                    AttentionTiles.share(shape, w, workers, (sequence, head, from, to) -> {
                        int number = sequence * shape.heads() + head;
                        assertTrue(number >= last[0], "in order");
                        last[0] = number;
                        assertEquals(next[sequence][head], from, "without gap or overlap");
                        assertTrue(from < to && from % AttentionTiles.EDGE == 0);
                        next[sequence][head] = to;
                        for (int q = from; q < to; q += AttentionTiles.EDGE) {
                            costs[worker] += cost(shape, q, Math.min(to, q + AttentionTiles.EDGE));
                        }
                    });
                }
                for (int s = 0; s < next.length; s++) {
                    for (int h = 0; h < shape.heads(); h++) {
                        assertEquals(shape.layout().length(s), next[s][h], "queries of head " + h);
                        int longest = shape.layout().length(s);
                        for (int q = 0; q < longest; q += AttentionTiles.EDGE) {
                            dearest = Math.max(dearest, cost(shape, q, Math.min(longest, q + AttentionTiles.EDGE)));
                        }
                    }
                }
                all[workers] = Arrays.stream(costs).sum();
                assertEquals(all[1], all[workers]);
                for (long cost : costs) {
                    assertTrue(
                            Math.abs(cost - all[1] / workers) <= dearest + 1,
                            shape + ", " + workers + " workers: " + Arrays.toString(costs));
                }
            }
        }
    }

    /** Scores of a run of queries, and 16 for every one of the whole run's queries. */
    private static long cost(AttentionShape shape, int from, int to) {
        return (long) (to - from) * (to - shape.firstVisible(from)) + 16L * AttentionTiles.EDGE;
    }
}
