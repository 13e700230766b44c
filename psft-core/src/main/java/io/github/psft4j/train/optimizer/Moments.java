package io.github.psft4j.train.optimizer;

/** How AdamW keeps its two moments. */
public enum Moments {
    /** In the type of the weights. */
    FULL,
    /**
     * In bfloat16, which takes half the memory. They are computed in float, then rounded up or down at random, so that
     * the expected value is the computed one. The random numbers follow from seed, step and place.
     */
    BF16
}
