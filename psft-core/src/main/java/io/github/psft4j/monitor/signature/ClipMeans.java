package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;

/**
 * Means of the clip fraction over whole macro-batches with a ratio objective. Within a macro-batch it rises from 0 at
 * the refresh of the old policy, so single steps say little.
 */
public final class ClipMeans {

    private int macroStep;
    private int macroBatches;
    private double sum;
    private int steps;
    private double last;

    /** Adds a step; whether that ended a macro-batch, whose mean is then {@link #last}. */
    public boolean add(StepMetrics m) {
        if ("sft".equals(m.objective())) {
            return false;
        }
        boolean ended = m.macroStep() != macroStep && steps > 0;
        if (ended) {
            last = sum / steps;
            macroBatches++;
            sum = 0;
            steps = 0;
        }
        macroStep = m.macroStep();
        if (Double.isFinite(m.clipFraction())) { // else the step was skipped
            sum += m.clipFraction();
            steps++;
        }
        return ended;
    }

    double last() {
        return last;
    }

    /** Mean of the latest whole macro-batch; before there is one, of the steps so far; 0 if there are none. */
    public double current() {
        return macroBatches > 0 || steps == 0 ? last : sum / steps;
    }
}
