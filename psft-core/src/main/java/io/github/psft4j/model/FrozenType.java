package io.github.psft4j.model;

import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.safetensors.ModelWeights;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The type of the frozen matrices of a base model under an adapter. Norms, biases and learned positions, and what is
 * computed with all of them, have the type of the network either way.
 */
public enum FrozenType {

    /** {@link #BF16} if all matrices in the files are BF16, else {@link #F32}: every bit stays. The default. */
    AUTO,

    /** Two bytes each. Exact for files in BF16; what another file has is rounded to the nearest, ties to even. */
    BF16,

    /** The type of the network: four bytes each in FLOAT. */
    F32;

    /** The type of the matrices of these weights in a network of the given type. */
    DataType of(ModelWeights weights, DataType network) {
        boolean narrow = this == BF16 || (this == AUTO && weights.matricesAre(DType.BF16));
        return narrow ? DataType.BFLOAT16 : network;
    }
}
