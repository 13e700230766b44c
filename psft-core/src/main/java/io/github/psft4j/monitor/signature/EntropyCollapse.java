package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainingPlan;

/**
 * Entropy falls fast in the first epoch. Less than {@value #SHARE} of its first level is left, and that share is less
 * than {@value #RELATIVE} times the NLL's. A model that learns becomes surer and better alike; one that collapses
 * becomes only surer. Levels are means over a tenth of an epoch, at least 4 and at most 50 steps.
 */
final class EntropyCollapse implements FailureSignature {

    static final double SHARE = 0.5;
    static final double RELATIVE = 0.7;
    private static final String REMEDY =
            "lower the learning rate; with SFT, use PSFT; with PSFT, use more mini-batches per macro-batch (a"
                    + " smaller mini-batch), a shorter SFT warm-up or a smaller epsHigh";
    private static final String OBSERVED = "in the first epoch the entropy at the trained tokens fell from %.3f to %.3f"
            + " nats/token, to %.0f %%, while the NLL fell to %.0f %%";

    private Window entropy;
    private Window nll;
    private double firstEntropy = Double.NaN;
    private double firstNll;

    @Override
    public void start(TrainingPlan plan) {
        int steps = Math.max(4, Math.min(50, plan.stepsPerEpoch() / 10));
        entropy = new Window(steps);
        nll = new Window(steps);
    }

    @Override
    public Finding check(StepMetrics m) {
        entropy.add(m.entropy());
        nll.add(m.nll());
        if (m.epoch() > 1 || !entropy.isFull()) {
            return null;
        }
        if (Double.isNaN(firstEntropy)) {
            firstEntropy = entropy.mean();
            firstNll = nll.mean();
            return null;
        }
        double left = entropy.mean() / firstEntropy;
        double nllLeft = nll.mean() / firstNll;
        boolean collapses = left < SHARE && left < RELATIVE * nllLeft;
        Object[] levels = {firstEntropy, entropy.mean(), 100 * left, 100 * nllLeft};
        return collapses ? found(m, "entropy-collapse", REMEDY, OBSERVED, levels) : null;
    }
}
