package io.github.psft4j.eval.task;

/** Who says whether an answer is right. */
public enum JudgeKind {
    /** The verifier of mathematical answers. */
    MATHS,
    /** Equality of texts, without the space at both ends. */
    EXACT,
    /** The first group of the last match of a regular expression, compared as text. */
    REGEX,
    /** The letter of a choice. */
    LETTER,
    /** The checks of IFEval's instructions. */
    IFEVAL
}
