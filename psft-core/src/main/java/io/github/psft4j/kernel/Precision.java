package io.github.psft4j.kernel;

/**
 * What the operands of matrix products are rounded to. Weights, sums, norms, softmax, loss and optimizer are in float
 * either way.
 */
public enum Precision {

    /** Operands as they are. */
    F32,

    /**
     * Operands rounded to bfloat16 (8 significant bits), sums in float: about twice as fast where the CPU has
     * instructions for it (AVX512-BF16, AMX), refused elsewhere. Needs {@code org.bytedeco:dnnl} on the class path.
     */
    BF16
}
