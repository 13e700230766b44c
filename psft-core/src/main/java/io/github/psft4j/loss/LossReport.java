package io.github.psft4j.loss;

/**
 * What one evaluation of an objective measured; means are over the trained tokens, log-probs and entropies in nats.
 *
 * @param value aggregated objective value: what the optimizer sees (-1 by construction for PSFT while r = 1)
 * @param nll mean negative log-likelihood of the demonstrated tokens: what runs are compared by
 * @param entropy mean entropy of the policy at the demonstrated positions
 * @param meanRatio mean of r = pi_theta / pi_old, 1 for objectives without a ratio
 * @param clipFraction fraction of tokens whose gradient the clip stopped
 * @param approxKl mean of log pi_old - log pi_theta, 0 without an old policy
 * @param meanCoefficient mean gradient coefficient: the effective learning-rate factor
 * @param tokens trained tokens
 * @param measures what the objective measures beside these
 */
public record LossReport(
        double value,
        double nll,
        double entropy,
        double meanRatio,
        double clipFraction,
        double approxKl,
        double meanCoefficient,
        long tokens,
        Measures measures) {

    /** A report of an objective that measures nothing else. */
    public LossReport(
            double value,
            double nll,
            double entropy,
            double meanRatio,
            double clipFraction,
            double approxKl,
            double meanCoefficient,
            long tokens) {
        this(value, nll, entropy, meanRatio, clipFraction, approxKl, meanCoefficient, tokens, Measures.NONE);
    }

    /** Report of no tokens: loss 0 and ratio 1. */
    public static final LossReport EMPTY = new LossReport(0, 0, 0, 1, 0, 0, 0, 0);

    /** Report of what was not measured, such as a step skipped because its loss is not finite: no number, no tokens. */
    public static final LossReport UNMEASURED =
            new LossReport(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, 0);

    /** Report of this and another part of the same accumulation window: values add, means are weighted by tokens. */
    public LossReport plus(LossReport other) {
        if (tokens == 0 || other.tokens == 0) {
            return tokens == 0 ? other : this;
        }
        long n = tokens + other.tokens;
        double a = (double) tokens / n;
        double b = (double) other.tokens / n;
        return new LossReport(
                value + other.value,
                a * nll + b * other.nll,
                a * entropy + b * other.entropy,
                a * meanRatio + b * other.meanRatio,
                a * clipFraction + b * other.clipFraction,
                a * approxKl + b * other.approxKl,
                a * meanCoefficient + b * other.meanCoefficient,
                n,
                measures.plus(other.measures));
    }
}
