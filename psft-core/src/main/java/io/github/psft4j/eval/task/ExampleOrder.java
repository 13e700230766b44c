package io.github.psft4j.eval.task;

/** Which solved examples stand in front of a question. */
public enum ExampleOrder {
    /** The first ones of their file. */
    FIRST,
    /** Drawn by the seed, the same for every question. */
    RANDOM
}
