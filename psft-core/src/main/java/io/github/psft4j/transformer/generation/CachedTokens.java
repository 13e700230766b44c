package io.github.psft4j.transformer.generation;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.transformer.KeysAndValues;
import io.github.psft4j.transformer.WholeSequences;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention that writes keys and values of new tokens into a block's cache.
 *
 * @param whole attention of prompts; its table reaches the last position
 * @param slots of the sequences, {@code [B]}, or of the tokens
 * @param positions of the new tokens; null for whole prompts
 */
record CachedTokens(WholeSequences whole, KeyValueCache cache, int[] slots, int[] positions) implements KeysAndValues {

    @Override
    public void attend(INDArray qkv, AttentionShape shape, INDArray out) {
        TensorOps ops = whole.ops();
        if (positions == null) {
            whole.attend(qkv, shape, out);
            ops.cachedAttention().store(qkv, shape, cache, slots);
            return;
        }
        if (whole.rotary() != null) {
            ops.cachedAttention().rotate(qkv, shape, whole.rotary(), positions);
        }
        ops.cachedAttention().next(qkv, shape, cache, slots, positions, out);
    }
}
