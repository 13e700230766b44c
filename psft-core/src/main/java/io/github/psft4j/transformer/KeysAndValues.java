package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention of one block: its queries meet the keys and values of the same rows, or those of a cache as well. */
public interface KeysAndValues {

    /**
     * Rotates queries and keys by their positions in place, unless positions are learned, and attends.
     *
     * @param qkv {@code [n, (H + 2 KV) d]}
     * @param out {@code [n, H d]}
     */
    void attend(INDArray qkv, AttentionShape shape, INDArray out);
}
