package io.github.psft4j.kernel.cpu.rows;

import io.github.psft4j.kernel.AdamWStep;

/**
 * {@link AdamWStep} as the factors of its loop:
 *
 * <pre>
 * g  = gradientScale * g
 * m  = first.beta m + first.rest g      v = second.beta v + second.rest g²
 * w  = decay w - rate m / (sqrt(v) rootBias2 + epsilon)
 * </pre>
 *
 * @param first of the gradients
 * @param second of their squares
 * @param decay {@code 1 - learningRate * weightDecay}
 * @param rate {@code learningRate / (1 - beta1^t)}
 * @param rootBias2 {@code 1 / sqrt(1 - beta2^t)}
 */
public record AdamWFactors(
        float gradientScale, Average first, Average second, float decay, float rate, float rootBias2, float epsilon) {

    /** Factors of a moving average: {@code rest = 1 - beta}, rounded from double. */
    public record Average(float beta, float rest) {

        private static Average of(double beta) {
            return new Average((float) beta, (float) (1 - beta));
        }
    }

    public static AdamWFactors of(AdamWStep s) {
        return new AdamWFactors(
                (float) s.gradientScale(),
                Average.of(s.beta1()),
                Average.of(s.beta2()),
                (float) (1 - s.learningRate() * s.weightDecay()),
                (float) (s.learningRate() / s.bias1()),
                (float) (1 / Math.sqrt(s.bias2())),
                (float) s.epsilon());
    }
}
