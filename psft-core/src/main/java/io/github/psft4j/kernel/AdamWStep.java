package io.github.psft4j.kernel;

/**
 * One step of AdamW (Loshchilov and Hutter, arXiv 1711.05101) in PyTorch's form, on a gradient that is first multiplied
 * by {@code gradientScale}:
 *
 * <pre>
 * g  = gradientScale * g
 * w -= learningRate * weightDecay * w
 * m  = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g²
 * w -= learningRate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 * </pre>
 *
 * @param step t, counted from 1
 * @param gradientScale 1, or the factor of global-norm clipping
 */
public record AdamWStep(
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        double gradientScale,
        int step) {

    /** {@code 1 - beta1^t}. */
    public double bias1() {
        return 1 - Math.pow(beta1, step);
    }

    /** {@code 1 - beta2^t}. */
    public double bias2() {
        return 1 - Math.pow(beta2, step);
    }
}
