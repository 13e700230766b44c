package io.github.psft4j.rollout.advantage;

/** What is subtracted from a reward. It never depends on the completion itself, but for the two means. */
public enum Baseline {
    /** Nothing. */
    NONE,
    /** The mean reward of the generation batch. */
    BATCH_MEAN,
    /** The mean reward of the prompt's completions (GRPO). */
    GROUP_MEAN,
    /** The mean reward of the prompt's other completions (RLOO). */
    LEAVE_ONE_OUT,
    /** A moving average of the mean rewards of earlier batches; for the first batch its own mean. */
    MOVING_AVERAGE
}
