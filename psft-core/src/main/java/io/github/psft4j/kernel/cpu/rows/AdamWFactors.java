package io.github.psft4j.kernel.cpu.rows;

import io.github.psft4j.kernel.AdamWStep;

/**
 * {@link AdamWStep} as the factors of its loop:
 *
 * <pre>
 * g  = gradientScale * g
 * m  = beta1 m + restOfBeta1 g          v = beta2 v + restOfBeta2 g²
 * w  = decay w - rate m / (sqrt(v) rootBias2 + epsilon)
 * </pre>
 *
 * @param decay {@code 1 - learningRate * weightDecay}
 * @param rate {@code learningRate / (1 - beta1^t)}
 * @param rootBias2 {@code 1 / sqrt(1 - beta2^t)}
 */
public record AdamWFactors(
        float gradientScale,
        float beta1,
        float restOfBeta1,
        float beta2,
        float restOfBeta2,
        float decay,
        float rate,
        float rootBias2,
        float epsilon) {

    public static AdamWFactors of(AdamWStep s) {
        return new AdamWFactors(
                (float) s.gradientScale(),
                (float) s.beta1(),
                (float) (1 - s.beta1()),
                (float) s.beta2(),
                (float) (1 - s.beta2()),
                (float) (1 - s.learningRate() * s.weightDecay()),
                (float) (s.learningRate() / s.bias1()),
                (float) (1 / Math.sqrt(s.bias2())),
                (float) s.epsilon());
    }
}
