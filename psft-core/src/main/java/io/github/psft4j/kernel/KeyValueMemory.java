package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where the caches of a generation lie: one for all blocks of a decoder, made by {@link CachedAttention#memory}. One
 * thread uses it.
 */
public interface KeyValueMemory extends AutoCloseable {

    /**
     * An empty cache for the attention of one block.
     *
     * @param slots sequences that it holds
     * @param shape attention of the block; batch and time do not matter
     * @param like any array of the type of the keys
     * @param longest tokens of the longest sequence
     */
    KeyValueCache cache(int slots, AttentionShape shape, INDArray like, int longest);

    /** Bytes that it has taken from the system; 0 if its caches lie in the current workspace. */
    long bytes();

    /** Frees all caches, which must not be used any more. */
    @Override
    void close();
}
