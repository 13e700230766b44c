package io.github.psft4j.eval.maths;

/** What the verifier says of an answer. */
public enum Verdict {
    /** The answer is the gold answer. */
    EQUAL,
    /** The answer was read and is another one. */
    DIFFERENT,
    /** The text holds no answer. */
    NO_ANSWER,
    /** The gold answer is empty; the question cannot be judged. */
    GOLD_UNREADABLE,
    /** The comparison would take more steps than its budget. */
    TIMEOUT
}
