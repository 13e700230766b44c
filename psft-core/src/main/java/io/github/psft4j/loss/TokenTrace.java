package io.github.psft4j.loss;

/**
 * Every trained token of one evaluation with what the objective said of it: for diagnosis, read before the next
 * evaluation and not changed.
 *
 * @param tokens targets, log-probs and entropies
 * @param terms losses, coefficients and ratios
 */
public record TokenTrace(TokenBatch tokens, TokenTerms terms) {}
