package io.github.psft4j.loss;

/**
 * Every trained token of one evaluation with what the objective computed for it. It is for diagnosis: read it before
 * the next evaluation and do not change it.
 *
 * @param tokens targets, log-probs and entropies
 * @param terms losses, coefficients and ratios
 */
public record TokenTrace(TokenBatch tokens, TokenTerms terms) {}
