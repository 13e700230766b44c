package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;

/**
 * The gradient norm is unstable, because of spikes or because it grew. Spikes: of the last {@value #STEPS} steps at
 * least {@value #SPIKES} are above {@value #SPIKE} times their median. They are also above the median of the first
 * {@value #STEPS} steps, because norms that fall by decades while a run converges are no spikes. Growth: the median has
 * grown to more than {@value #GROWTH} times that of the first {@value #STEPS} steps.
 */
final class UnstableGradNorm implements FailureSignature {

    static final int STEPS = 64;
    static final int SPIKES = 3;
    static final double SPIKE = 10;
    static final double GROWTH = 4;
    private static final String NAME = "unstable-grad-norm";
    private static final String REMEDY =
            "lower the learning rate or maxGradNorm, or use a larger mini-batch; with PSFT, use a smaller"
                    + " epsHigh (without a clip the paper's gradient norm is large and unstable, Fig. 8)";
    private static final String SPIKY =
            "of the last %d steps %d have a gradient norm above %.0f times the median, which is %.3g";
    private static final String GROWN = "the median gradient norm of %d steps grew from %.3g at the start to %.3g";

    private final Window norms = new Window(STEPS);
    private double first = Double.NaN;

    @Override
    public Finding check(StepMetrics m) {
        norms.add(m.gradNorm());
        if (!norms.isFull()) {
            return null;
        }
        double median = norms.median();
        if (Double.isNaN(first)) {
            first = median;
        }
        int spikes = norms.countAbove(Math.max(SPIKE * median, first));
        if (median > 0 && spikes >= SPIKES) {
            return found(m, NAME, REMEDY, SPIKY, STEPS, spikes, SPIKE, median);
        }
        return first > 0 && median > GROWTH * first ? found(m, NAME, REMEDY, GROWN, STEPS, first, median) : null;
    }
}
