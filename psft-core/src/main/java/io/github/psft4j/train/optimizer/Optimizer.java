package io.github.psft4j.train.optimizer;

/**
 * Settings of {@link AdamW}.
 *
 * @param learningRate peak learning rate
 * @param betas decay of the moments
 * @param adamEpsilon added to the root of the second moment
 * @param weightDecay decoupled decay
 * @param decayScope which parameters decay
 * @param maxGradNorm bound on the global gradient norm, 0 for none
 */
public record Optimizer(
        double learningRate,
        Betas betas,
        double adamEpsilon,
        double weightDecay,
        DecayScope decayScope,
        double maxGradNorm) {

    /**
     * @throws IllegalArgumentException naming the setting, its value and its range
     */
    public Optimizer {
        check(learningRate > 0 && Double.isFinite(learningRate), "learningRate", learningRate, "above 0");
        check(adamEpsilon > 0 && Double.isFinite(adamEpsilon), "adamEpsilon", adamEpsilon, "above 0");
        check(weightDecay >= 0 && Double.isFinite(weightDecay), "weightDecay", weightDecay, "0 or above");
        check(maxGradNorm >= 0, "maxGradNorm", maxGradNorm, "0 (no clipping) or above");
        if (decayScope == null) {
            throw new IllegalArgumentException("decayScope must not be null; leave it out for the default");
        }
    }

    static void check(boolean ok, String name, Number value, String rule) {
        if (!ok) {
            throw new IllegalArgumentException(name + " must be " + rule + ", was " + value);
        }
    }
}
