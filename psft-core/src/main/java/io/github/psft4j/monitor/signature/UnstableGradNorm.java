package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;
import java.util.Locale;

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

    private final Window norms = new Window(STEPS);
    private double first = Double.NaN;

    @Override
    public String name() {
        return "unstable-grad-norm";
    }

    @Override
    public String remedy() {
        return "lower the learning rate or maxGradNorm, or use a larger mini-batch; with PSFT, use a smaller epsHigh"
                + " (without a clip the paper's gradient norm is large and unstable, Fig. 8)";
    }

    @Override
    public String check(StepMetrics m) {
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
            return String.format(
                    Locale.ROOT,
                    "of the last %d steps %d have a gradient norm above %.0f times the median, which is %.3g",
                    STEPS,
                    spikes,
                    SPIKE,
                    median);
        }
        return first > 0 && median > GROWTH * first
                ? String.format(
                        Locale.ROOT,
                        "the median gradient norm of %d steps grew from %.3g at the start to %.3g",
                        STEPS,
                        first,
                        median)
                : null;
    }
}
