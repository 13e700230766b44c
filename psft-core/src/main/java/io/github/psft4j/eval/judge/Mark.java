package io.github.psft4j.eval.judge;

import io.github.psft4j.eval.maths.Verdict;

/**
 * What a judge says of a completion.
 *
 * @param verdict the verdict
 * @param answer the answer that it found; empty if there is none
 */
public record Mark(Verdict verdict, String answer) {}
