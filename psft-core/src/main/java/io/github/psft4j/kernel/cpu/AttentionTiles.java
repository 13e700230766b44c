package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.cpu.rows.ScoreTile;

/**
 * Cuts causal attention into tiles of scores, {@code [queries, keys]}, and splits its queries among the workers.
 *
 * <p>A block of queries meets the keys that all of them see in large tiles. The triangle around its own positions, and
 * the edge of a window, are cut finer, so that few scores are wasted. The size of a tile does not depend on the length
 * of the sequence. A tile stays in the second-level cache between its products.
 */
final class AttentionTiles {

    /** Queries of a block. */
    static final int QUERIES = 256;

    /** Most keys of a tile. */
    static final int KEYS = ScoreTile.KEYS;

    /** Queries of a tile along the diagonal or a window's edge. */
    static final int EDGE = 128;

    /** Fewest keys that are worth a tile of their own in front of the edge. */
    private static final int MIN_KEYS = 64;

    /** Cost of {@link #EDGE} queries on top of their scores, in scores: calls, copies, their own rows. */
    private static final long EDGE_COST = 16L * EDGE;

    private AttentionTiles() {}

    /** Work on the tiles of a range of queries of one head of one sequence; positions count within the sequence. */
    interface Visitor {

        /** A block of queries [from, to) begins. */
        void begin(int from, int to);

        /**
         * A tile, tiles of the same query in ascending order of keys but for the edge of a window.
         *
         * @param first whether it is the first tile of these queries
         */
        void tile(int query0, int queries, int key0, int keys, boolean first);

        /** All tiles of the block were visited. */
        void end(int from, int to);
    }

    /** Work on queries [from, to) of query head {@code head} of a sequence. */
    interface Share {
        void run(int sequence, int head, int from, int to);
    }

    /**
     * Visits all tiles of queries [from, to), of which {@code from} is a multiple of {@link #EDGE}. Without a window
     * the keys of a query are cut at the same places, wherever its share of the work begins or its sequence ends.
     */
    static void visit(AttentionShape s, int from, int to, Visitor work) {
        for (int block = from - from % QUERIES; block < to; block += QUERIES) {
            int q0 = Math.max(from, block);
            int q1 = Math.min(to, block + QUERIES);
            int seenByAll = s.firstVisible(q1 - 1);
            boolean common = block - seenByAll >= MIN_KEYS;
            work.begin(q0, q1);
            if (common) {
                keys(q0, q1, seenByAll, block, true, work);
            }
            for (int e0 = q0; e0 < q1; e0 += EDGE) {
                int e1 = Math.min(q1, e0 + EDGE);
                if (common) {
                    keys(e0, e1, s.firstVisible(e0), seenByAll, false, work);
                    keys(e0, e1, block, e1, false, work);
                } else {
                    keys(e0, e1, s.firstVisible(e0), e1, true, work);
                }
            }
            work.end(q0, q1);
        }
    }

    private static void keys(int query0, int query1, int key0, int key1, boolean first, Visitor work) {
        for (int k = key0; k < key1; k += KEYS) {
            work.tile(query0, query1 - query0, k, Math.min(KEYS, key1 - k), first && k == key0);
        }
    }

    /**
     * Calls {@code share} with what one of the workers does, in the order of sequences, heads and positions. All
     * workers get about the same number of scores; the cuts follow from the shape alone.
     */
    static void share(AttentionShape s, int worker, int workers, Share share) {
        SequenceLayout layout = s.layout();
        long total = 0;
        for (int i = 0; i < layout.count(); i++) {
            total += cost(s, layout.length(i)) * s.heads();
        }
        long low = total * worker / workers;
        long high = total * (worker + 1) / workers;
        long at = 0;
        for (int i = 0; i < layout.count() && at < high; i++) {
            int length = layout.length(i);
            long cost = cost(s, length);
            for (int h = 0; h < s.heads(); h++) {
                int from = position(s, length, low - at);
                int to = position(s, length, high - at);
                if (from < to) {
                    share.run(i, h, from, to);
                }
                at += cost;
            }
        }
    }

    /** Cost of a head of a sequence, in scores. */
    private static long cost(AttentionShape s, int length) {
        long sum = 0;
        for (int e0 = 0; e0 < length; e0 += EDGE) {
            sum += edgeCost(s, e0, length);
        }
        return sum;
    }

    private static long edgeCost(AttentionShape s, int e0, int length) {
        int e1 = Math.min(length, e0 + EDGE);
        return (long) (e1 - e0) * (e1 - s.firstVisible(e0)) + EDGE_COST;
    }

    /**
     * First query whose tiles lie with at least half of their cost behind {@code budget}. It is a multiple of
     * {@link #EDGE} or the length.
     */
    private static int position(AttentionShape s, int length, long budget) {
        long at = 0;
        int e0 = 0;
        while (e0 < length) {
            long cost = edgeCost(s, e0, length);
            if (at + (cost + 1) / 2 > budget) {
                break;
            }
            at += cost;
            e0 += EDGE;
        }
        return Math.min(e0, length);
    }
}
