package io.github.psft4j.transformer.generation;

/**
 * A new token of a sample.
 *
 * @param id of the token
 * @param logProb its log-prob under the model (temperature 1, no penalty, nothing cut off), nats
 * @param likely the likeliest tokens at its position; null unless asked for
 * @param text what became certain of the text with this token, see {@link GenerationListener}; null without a tokenizer
 */
public record StreamedToken(int id, double logProb, LikelyTokens likely, String text) {}
