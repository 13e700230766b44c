package io.github.psft4j.loss;

/**
 * Which tokens an objective must see together, because the terms of one depend on the others. A trainer keeps them in
 * one micro-batch, so that cutting a mini-batch never changes the result.
 */
public enum Scope {
    /** Each token on its own; long vocabularies are processed in chunks of rows. */
    TOKEN,
    /** All tokens of a sequence: sequence ratios. */
    SEQUENCE,
    /** Two sequences, 2i (chosen) and 2i + 1 (rejected): preferences. */
    PAIR,
    /** All sequences of an optimizer step: batch statistics. */
    BATCH
}
