package io.github.psft4j.eval;

/**
 * How a model rates the tokens of one sequence, given their prefixes; index t is the prediction of token t + 1.
 *
 * @param logProbs log-prob of each token, nats, one fewer than tokens
 * @param entropies entropy of the distribution it was predicted from, nats
 */
public record TokenScores(float[] logProbs, float[] entropies) {}
