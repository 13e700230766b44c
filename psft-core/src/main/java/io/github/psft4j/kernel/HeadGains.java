package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Gains of the norm of heads, or their gradients.
 *
 * @param query of every query head, {@code [d]}
 * @param key of every key head, {@code [d]}
 */
public record HeadGains(INDArray query, INDArray key) {}
