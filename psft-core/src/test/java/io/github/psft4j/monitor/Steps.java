package io.github.psft4j.monitor;

import io.github.psft4j.loss.LossReport;
import io.github.psft4j.train.StepMetrics;

/** Step metrics for tests: a calm PSFT step with 8 mini-batches per macro-batch, and what a test changes of it. */
public final class Steps {

    private final int step;
    private int macroStep;
    private int epoch = 1;
    private String objective = "psft";
    private double nll = 1;
    private double entropy = 0.5;
    private double meanRatio = 1.01;
    private double clipFraction = 0.02;
    private double gradNorm = 1;
    private int skipped;

    private Steps(int step) {
        this.step = step;
        this.macroStep = (step - 1) / 8 + 1;
    }

    public static Steps step(int step) {
        return new Steps(step);
    }

    public Steps macro(int value) {
        macroStep = value;
        return this;
    }

    public Steps epoch(int value) {
        epoch = value;
        return this;
    }

    public Steps objective(String value) {
        objective = value;
        return this;
    }

    public Steps nll(double value) {
        nll = value;
        return this;
    }

    public Steps entropy(double value) {
        entropy = value;
        return this;
    }

    public Steps ratio(double value) {
        meanRatio = value;
        return this;
    }

    public Steps clip(double value) {
        clipFraction = value;
        return this;
    }

    public Steps norm(double value) {
        gradNorm = value;
        return this;
    }

    public Steps skipped(int value) {
        skipped = value;
        return this;
    }

    public StepMetrics build() {
        return new StepMetrics(
                new StepMetrics.Position(step, macroStep, epoch),
                objective,
                new LossReport(-1, nll, entropy, meanRatio, clipFraction, 0.01, 0.98, 300),
                gradNorm,
                1e-4,
                9000,
                skipped);
    }
}
