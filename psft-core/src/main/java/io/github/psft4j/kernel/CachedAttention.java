package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention of generation: new tokens of sequences over the keys and values of the tokens before them. */
public interface CachedAttention {

    /** Memory for the caches of one generation, which comes from the current workspace or lies outside of it. */
    KeyValueMemory memory();

    /** {@link Attention#rotate} of rows {@code [n, (H + 2 KV) * d]} whose positions are given, {@code [n]}. */
    void rotate(INDArray qkv, AttentionShape shape, RotaryTable table, int[] positions);

    /**
     * Copies keys and values of whole sequences into slots of a cache, in the place of what was there.
     *
     * @param shape where the sequences lie in the rows
     * @param slots of the sequences, {@code [S]}
     */
    void store(INDArray qkv, AttentionShape shape, KeyValueCache cache, int[] slots);

    /**
     * Gives other slots what a slot holds of the positions before {@code time}, such as those of further samples of one
     * prompt. From then on every slot goes its own way.
     *
     * @param from a slot that holds these positions and none after them
     * @param to other slots of the same cache
     */
    void share(KeyValueCache cache, int from, int[] to, int time);

    /**
     * {@link Attention#forward} of new tokens, one in each row. Its key and value go into the cache. Its query sees the
     * positions there that {@link Attention#forward} would let it see. Several tokens of a sequence lie side by side,
     * in their order, and each sees those in front of it.
     *
     * @param slots of the sequences, by row {@code [n]}
     * @param positions of the new tokens, {@code [n]}
     */
    void next(INDArray qkv, AttentionShape shape, KeyValueCache cache, int[] slots, int[] positions, INDArray out);
}
