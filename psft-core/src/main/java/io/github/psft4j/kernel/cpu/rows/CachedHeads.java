package io.github.psft4j.kernel.cpu.rows;

/** Attention of one query per head over {@link CachedPages}: the inner loops of generation. */
public interface CachedHeads {

    /**
     * {@code out = softmax(q kᵀ) v} for heads that lie next to each other, {@code group} of them per key/value head.
     *
     * @param queries {@code [heads, d]}, already scaled; overwritten by out
     * @param group query heads per key/value head
     * @param d width of a head
     * @param pages of the sequence
     * @param first key/value head of the first query
     * @param n entries that are seen
     */
    void attend(float[] queries, int heads, int group, int d, CachedPages pages, int first, int n);
}
