package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Norms over rows (RMSNorm, LayerNorm) and over the heads of fused query-key-value rows. */
public interface Norms {

    /**
     * {@code y = x * gain / sqrt(mean(x²) + eps)} per row, with x, y {@code [n, D]}, gain {@code [D]}; keeps
     * {@code 1/sqrt(mean(x²) + eps)} in inverseRms {@code [n]} for the backward pass (Zhang and Sennrich, arXiv
     * 1910.07467).
     */
    void rms(INDArray x, INDArray gain, double eps, INDArray y, INDArray inverseRms);

    /**
     * {@code dx = grad + beta dx} and {@code dGain = grad} of {@link #rms}; dy, x, dx {@code [n, D]}, dGain
     * {@code [D]}.
     */
    void rmsGrad(INDArray dy, INDArray x, INDArray gain, INDArray inverseRms, INDArray dx, double beta, INDArray dGain);

    /**
     * {@code y = (x - mean) * gain / sqrt(var + eps) + bias} per row (Ba et al., arXiv 1607.06450). x and y are
     * {@code [n, D]}, gain and bias {@code [D]}, var is the mean squared deviation. Keeps {@code 1/sqrt(var + eps)} in
     * inverseStd {@code [n]}.
     */
    void layer(INDArray x, INDArray gain, INDArray bias, double eps, INDArray y, INDArray inverseStd);

    /** {@code dx = grad + beta dx}, {@code dGain = grad} and {@code dBias = grad} of {@link #layer}. */
    void layerGrad(
            INDArray dy,
            INDArray x,
            INDArray gain,
            INDArray inverseStd,
            INDArray dx,
            double beta,
            INDArray dGain,
            INDArray dBias);

    /**
     * {@link #rms} of every query and key head of fused rows (Qwen3): x, y {@code [n, (H + 2 KV) d]}, values copied;
     * queryGain, keyGain {@code [d]}; inverseRms {@code [n, H + KV]}.
     */
    void heads(
            INDArray x,
            AttentionShape shape,
            INDArray queryGain,
            INDArray keyGain,
            double eps,
            INDArray y,
            INDArray inverseRms);

    /**
     * Gradient of {@link #heads}: dqkv holds the gradient of y and becomes that of x, in place; dQueryGain, dKeyGain
     * {@code [d]}.
     */
    void headsGrad(
            INDArray dqkv,
            INDArray x,
            AttentionShape shape,
            INDArray queryGain,
            INDArray keyGain,
            INDArray inverseRms,
            INDArray dQueryGain,
            INDArray dKeyGain);
}
