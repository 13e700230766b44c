package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.Views.narrow;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention of {@link PortableOps} over a key/value cache. */
final class PortableCachedAttention {

    private PortableCachedAttention() {}

    /** See {@link TensorOps#attentionCached}. */
    static void cached(INDArray qkv, AttentionShape shape, INDArray cache, int firstPosition, INDArray out) {
        checkCapacity(shape, cache, firstPosition);
        for (int from = 0; from < shape.time(); from += PortableAttention.block(shape)) {
            try (Temporaries tmp = new Temporaries(qkv.dataType())) {
                PortableAttention.attend(
                        PortableAttention.Heads.cached(qkv, shape, from, cache, firstPosition, tmp), out, tmp);
            }
        }
    }

    /** See {@link TensorOps#storeKeysValues}. */
    static void store(INDArray qkv, AttentionShape shape, INDArray cache, int firstPosition) {
        checkCapacity(shape, cache, firstPosition);
        INDArray rows = qkv.reshape('c', shape.batch(), shape.time(), shape.qkvWidth());
        INDArray keysValues = narrow(rows, 2, shape.keyColumn(0), shape.qkvWidth()); // [B, T, 2 KV * d]
        narrow(cache, 1, firstPosition, firstPosition + shape.time()).assign(keysValues);
    }

    private static void checkCapacity(AttentionShape shape, INDArray cache, int firstPosition) {
        if (firstPosition < 0 || firstPosition + shape.time() > cache.size(1)) {
            throw new IllegalArgumentException("positions " + firstPosition + " to "
                    + (firstPosition + shape.time() - 1) + " are outside the key/value cache of " + cache.size(1));
        }
    }
}
