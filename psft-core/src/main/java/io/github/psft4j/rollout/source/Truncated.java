package io.github.psft4j.rollout.source;

/** What becomes of a completion that the limit of tokens cut off. Its reward stays in the statistics of its group. */
public enum Truncated {
    /** It is trained like any other. */
    KEPT,
    /** Not trained, but counted among the sequences that a mean over sequences divides by: TRL's way. */
    MASKED,
    /** Not trained and not counted: it leaves numerator and denominator alike. */
    DROPPED
}
