package io.github.psft4j.train;

import io.github.psft4j.loss.LossReport;
import java.util.LinkedHashMap;
import java.util.Map;

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
 * @param source what the source of macro-batches measured of this one, by name, such as the mean reward
 */
public record StepMetrics(
        Position position,
        String objective,
        LossReport report,
        double gradNorm,
        double lr,
        double tokensPerSecond,
        int skipped,
        Map<String, Double> source) {

    /**
     * Where a run stands.
     *
     * @param step optimizer step, from 1
     * @param macroStep macro-batch, from 1
     * @param epoch pass over the data, from 1
     */
    public record Position(int step, int macroStep, int epoch) {}

    /** A step of a source that measures nothing. */
    public StepMetrics(
            Position position,
            String objective,
            LossReport report,
            double gradNorm,
            double lr,
            double tokensPerSecond,
            int skipped) {
        this(position, objective, report, gradNorm, lr, tokensPerSecond, skipped, Map.of());
    }

    /** What source and objective measure beside the fields that every run has, by name, in the order of logs. */
    public Map<String, Double> measures() {
        Map<String, Double> out = new LinkedHashMap<>(source);
        out.putAll(report.measures().values());
        return out;
    }

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

    /** What source or objective measures under this name; NaN if they did not. */
    public double measure(String name) {
        return measures().getOrDefault(name, Double.NaN);
    }

    /** Trained tokens of the mini-batch. */
    public long tokens() {
        return report.tokens();
    }
}
