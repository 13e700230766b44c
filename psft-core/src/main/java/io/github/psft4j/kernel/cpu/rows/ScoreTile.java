package io.github.psft4j.kernel.cpu.rows;

/**
 * A tile of attention scores, {@code [keys, queries]}: row j has a score of key j for every query.
 *
 * @param keys rows
 * @param queries columns
 * @param shift position of the first key minus that of the first query
 * @param window positions that a query sees, its own included; 0 for all up to its own
 */
public record ScoreTile(int keys, int queries, int shift, int window) {

    /** Most keys of a tile. A softmax continues from tile to tile, in generation, too. */
    public static final int KEYS = 256;

    /** First query that sees a key. */
    public int from(int key) {
        return Math.min(queries, Math.max(0, key + shift));
    }

    /** One past the last query that sees a key. */
    public int to(int key) {
        return window == 0 ? queries : Math.max(0, Math.min(queries, key + shift + window));
    }

    /** The keys [first, last) of the tile alone. */
    public ScoreTile keys(int first, int last) {
        return new ScoreTile(last - first, queries, shift + first, window);
    }

    /** Number of scores. */
    public int size() {
        return keys * queries;
    }
}
