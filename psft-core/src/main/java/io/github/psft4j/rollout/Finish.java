package io.github.psft4j.rollout;

/** Why a completion ended. */
public enum Finish {
    /** The policy chose an end-of-sequence token, which is the last token of the completion. */
    END,
    /** A stop string appeared in the text. */
    STOP,
    /** The limit of tokens cut the completion off: it is truncated. */
    LENGTH
}
