package io.github.psft4j.transformer.generation;

import java.util.List;

/**
 * How a model rates given tokens; element t is its prediction of token t + 1.
 *
 * @param logProbs log-prob of each token, nats, one fewer than tokens
 * @param likely the likeliest tokens in its place; empty unless asked for
 */
public record PromptScores(float[] logProbs, List<LikelyTokens> likely) {}
