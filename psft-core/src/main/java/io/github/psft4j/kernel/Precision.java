package io.github.psft4j.kernel;

/**
 * What the operands of matrix products are rounded to. The weights of the network, sums, norms, softmax, loss and
 * optimizer are in float either way.
 */
public enum Precision {

    /** Operands as they are. */
    F32,

    /**
     * Operands rounded to bfloat16 (8 significant bits), sums in float. That is about twice as fast where the CPU has
     * instructions for it (AVX512-BF16, AMX) and {@code org.bytedeco:dnnl} is on the class path. Elsewhere training
     * refuses it; generation and scoring hold weights in bfloat16 and compute in float, which reads half of the memory.
     */
    BF16,

    /**
     * Weights rounded to 8 bits with a scale per row, activations and sums in float. It is for generation and scoring
     * on the CPU, where a step of one sequence reads a quarter of the memory. A weight is rounded at its first use and
     * must not change after it. There are no gradients, so training refuses it.
     */
    INT8
}
