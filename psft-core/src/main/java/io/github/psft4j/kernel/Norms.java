package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Norms over rows (RMSNorm, LayerNorm) and over the heads of fused query-key-value rows. */
public interface Norms {

    /**
     * The norm of every row, with x, y {@code [n, D]}, gain, bias {@code [D]}.
     *
     * <p>Without a bias it is {@code y = x * gain / sqrt(mean(x²) + eps)} (RMSNorm; Zhang and Sennrich, arXiv
     * 1910.07467). With one it is {@code y = (x - mean) * gain / sqrt(var + eps) + bias}, var the mean squared
     * deviation (LayerNorm; Ba et al., arXiv 1607.06450).
     *
     * @param w gain and bias
     * @param inverse receives 1 over the root for the backward pass, {@code [n]}
     */
    void forward(INDArray x, WeightAndBias w, double eps, INDArray y, INDArray inverse);

    /**
     * {@code dx = grad + beta dx} and {@code dw = grad} of {@link #forward}; dy, x, dx {@code [n, D]}. The bias of dw
     * is null for RMSNorm.
     */
    void grad(INDArray dy, INDArray x, WeightAndBias w, INDArray inverse, INDArray dx, double beta, WeightAndBias dw);

    /**
     * RMSNorm of every query and key head of fused rows (Qwen3): x, y {@code [n, (H + 2 KV) d]}, values copied;
     * inverseRms {@code [n, H + KV]}.
     */
    void heads(INDArray x, AttentionShape shape, HeadGains gains, double eps, INDArray y, INDArray inverseRms);

    /** Gradient of {@link #heads}: dqkv holds the gradient of y and becomes that of x, in place. */
    void headsGrad(
            INDArray dqkv, INDArray x, AttentionShape shape, HeadGains gains, INDArray inverseRms, HeadGains dGains);

    /**
     * Gains of the norm of heads, or their gradients.
     *
     * @param query of every query head, {@code [d]}
     * @param key of every key head, {@code [d]}
     */
    record HeadGains(INDArray query, INDArray key) {}
}
