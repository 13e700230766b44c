package io.github.psft4j.rollout.advantage;

/** Whether advantages are brought to mean 0 and deviation 1 over the generation batch. */
public enum Whitening {
    /** No. */
    NONE,
    /** Over sequences: {@code (A - mean) / (std + epsilon)}, unbiased (TRL's RLOO). */
    SEQUENCES,
    /** Over all trained tokens: {@code (A - mean) / sqrt(variance + 1e-8)}, unbiased (verl's REINFORCE++). */
    TOKENS
}
