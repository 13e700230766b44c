package io.github.psft4j.policy;

/**
 * Which policy scores sequences.
 *
 * @param adapter whether a model with an adapter computes with it; without, it is its base
 * @param temperature of the policy softmax(logits / temperature), above 0
 */
public record Scoring(boolean adapter, double temperature) {}
