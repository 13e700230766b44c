package io.github.psft4j.train.optimizer;

/**
 * Decay of AdamW's moments per step.
 *
 * @param beta1 of the first moment, in [0, 1)
 * @param beta2 of the second moment, in [0, 1)
 */
public record Betas(double beta1, double beta2) {

    /**
     * @throws IllegalArgumentException naming the setting, its value and its range
     */
    public Betas {
        Optimizer.check(beta1 >= 0 && beta1 < 1, "beta1", beta1, "in [0, 1)");
        Optimizer.check(beta2 >= 0 && beta2 < 1, "beta2", beta2, "in [0, 1)");
    }
}
