package io.github.psft4j.train;

import io.github.psft4j.loss.LossReport;

/**
 * One optimizer step as measured on its mini-batch, before the update; log-probs and entropies in nats. Of a step whose loss is not
 * finite, or that had no trained tokens, there is no measurement: NaN and 0 tokens.
 *
 * @param step optimizer step, from 1
 * @param macroStep macro-batch, from 1
 * @param epoch pass over the data, from 1
 * @param objective name of the objective of this step ({@code sft} during a warm-up)
 * @param loss objective value that was minimised
 * @param nll mean negative log-likelihood of the trained tokens
 * @param entropy mean entropy at the trained positions
 * @param meanRatio mean of pi_theta / pi_old
 * @param clipFraction fraction of tokens whose gradient the clip stopped
 * @param approxKl mean of log pi_old - log pi_theta
 * @param meanCoefficient mean gradient coefficient
 * @param gradNorm global norm of the gradient before clipping
 * @param lr learning rate of this step
 * @param tokens trained tokens of the mini-batch
 * @param tokensPerSecond tokens of the mini-batch, prompts included and padding not, over wall time since the previous
 *     step
 * @param skipped steps skipped so far because loss or gradient was not finite
 */
public record StepMetrics(
        int step,
        int macroStep,
        int epoch,
        String objective,
        double loss,
        double nll,
        double entropy,
        double meanRatio,
        double clipFraction,
        double approxKl,
        double meanCoefficient,
        double gradNorm,
        double lr,
        long tokens,
        double tokensPerSecond,
        int skipped) {

    static StepMetrics of(
            DataOrder.MiniBatch batch,
            int step,
            String objective,
            LossReport report,
            double gradNorm,
            double lr,
            double tokensPerSecond,
            int skipped) {
        return new StepMetrics(
                step,
                batch.macroStep(),
                batch.epoch(),
                objective,
                report.value(),
                report.nll(),
                report.entropy(),
                report.meanRatio(),
                report.clipFraction(),
                report.approxKl(),
                report.meanCoefficient(),
                gradNorm,
                lr,
                report.tokens(),
                tokensPerSecond,
                skipped);
    }
}
