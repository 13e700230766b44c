package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A low-rank product beside a linear weight, or its gradients: {@code y += (x aᵀ) bᵀ}.
 *
 * @param a {@code [R, in]}
 * @param b {@code [out, R]}
 * @param low {@code x aᵀ}, {@code [n, R]}, which the forward pass fills and the gradient reads
 */
public record LowRankSide(INDArray a, INDArray b, INDArray low) {}
