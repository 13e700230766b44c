package io.github.psft4j.kernel.cpu.rows;

/** Attention of one query per head over the channels of a {@code CpuKeyValueCache}: the inner loops of generation. */
public interface CachedHeads {

    /**
     * {@code out = softmax(q kᵀ) v} for heads that lie next to each other, {@code group} of them per key/value head.
     *
     * @param queries {@code [heads, d]}, already scaled; overwritten by out
     * @param group query heads per key/value head
     * @param d width of a head
     * @param keys {@code [channels][entries]}, with room for whole vectors
     * @param values {@code [channels][entries]}
     * @param first channel where the first key/value head begins
     * @param n entries that are seen
     */
    void attend(float[] queries, int heads, int group, int d, float[][] keys, float[][] values, int first, int n);
}
