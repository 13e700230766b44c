package io.github.psft4j.rollout.advantage;

/** What the difference of reward and baseline is divided by. */
public enum Scale {
    /** Nothing (Dr. GRPO). */
    NONE,
    /** The standard deviation of the group's rewards, unbiased, plus epsilon (GRPO). */
    GROUP,
    /** The standard deviation of all rewards of the generation batch, unbiased, plus epsilon. */
    BATCH,
    /** The mean reward of the group (MaxRL, arXiv 2602.02710); for rewards of 0 and above. */
    MEAN
}
