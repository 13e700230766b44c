package io.github.psft4j.train;

import io.github.psft4j.loss.LossReport;

/**
 * One optimizer step as measured on its mini-batch, before the update; log-probs and entropies in nats. Of a step whose
 * loss is not finite, or that had no trained tokens, there is no measurement: NaN and 0 tokens.
 *
 * @param position where the run stands
 * @param objective name of the objective of this step ({@code sft} during a warm-up)
 * @param report what the objective measured
 * @param gradNorm global norm of the gradient before clipping
 * @param lr learning rate of this step
 * @param tokensPerSecond tokens of the mini-batch, prompts included and padding not, over wall time since the previous
 *     step
 * @param skipped steps skipped so far because loss or gradient was not finite
 */
public record StepMetrics(
        Position position,
        String objective,
        LossReport report,
        double gradNorm,
        double lr,
        double tokensPerSecond,
        int skipped) {

    /**
     * Where a run stands.
     *
     * @param step optimizer step, from 1
     * @param macroStep macro-batch, from 1
     * @param epoch pass over the data, from 1
     */
    public record Position(int step, int macroStep, int epoch) {}

    /** Optimizer step, from 1. */
    public int step() {
        return position.step();
    }

    /** Macro-batch, from 1. */
    public int macroStep() {
        return position.macroStep();
    }

    /** Pass over the data, from 1. */
    public int epoch() {
        return position.epoch();
    }

    /** Objective value that was minimised. */
    public double loss() {
        return report.value();
    }

    /** Mean negative log-likelihood of the trained tokens. */
    public double nll() {
        return report.nll();
    }

    /** Mean entropy at the trained positions. */
    public double entropy() {
        return report.entropy();
    }

    /** Mean of pi_theta / pi_old. */
    public double meanRatio() {
        return report.meanRatio();
    }

    /** Fraction of tokens whose gradient the clip stopped. */
    public double clipFraction() {
        return report.clipFraction();
    }

    /** Mean of log pi_old - log pi_theta. */
    public double approxKl() {
        return report.approxKl();
    }

    /** Mean gradient coefficient. */
    public double meanCoefficient() {
        return report.meanCoefficient();
    }

    /** Trained tokens of the mini-batch. */
    public long tokens() {
        return report.tokens();
    }
}
