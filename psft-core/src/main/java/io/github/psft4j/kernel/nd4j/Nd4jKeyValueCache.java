package io.github.psft4j.kernel.nd4j;

import io.github.psft4j.kernel.KeyValueCache;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The cache of {@link Nd4jForm}: one array with room for the longest sequence in every slot.
 *
 * @param array keys, then values, {@code [slots, capacity, 2 KV * d]}
 */
record Nd4jKeyValueCache(INDArray array) implements KeyValueCache {

    @Override
    public int capacity() {
        return (int) array.size(1);
    }
}
