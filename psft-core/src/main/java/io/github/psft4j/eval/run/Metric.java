package io.github.psft4j.eval.run;

import io.github.psft4j.eval.stats.Interval;
import io.github.psft4j.eval.stats.Mean;
import java.util.function.DoubleUnaryOperator;

/**
 * A figure with its uncertainty over questions.
 *
 * @param value the figure
 * @param standardError over questions, or over clusters of them; NaN below two
 * @param low lower end of the 95 % interval
 * @param high upper end
 * @param questions that were measured
 */
public record Metric(double value, double standardError, double low, double high, int questions) {

    /** Confidence of the interval. */
    public static final double CONFIDENCE = 0.95;

    /** Of values that may be anything. */
    static Metric of(Mean mean, int questions) {
        return of(mean, mean.interval(CONFIDENCE), questions);
    }

    /**
     * Of shares, from 0 to 1.
     *
     * @param single whether each is one answer, right or wrong, and no clusters are known
     */
    static Metric ofShares(Mean mean, boolean single, int questions) {
        return of(mean, mean.shareInterval(CONFIDENCE, single), questions);
    }

    private static Metric of(Mean mean, Interval interval, int questions) {
        return new Metric(mean.value(), mean.standardError(), interval.low(), interval.high(), questions);
    }

    /** An increasing function of this figure; the standard error by its slope. */
    Metric under(DoubleUnaryOperator f, double slope) {
        return new Metric(
                f.applyAsDouble(value), standardError * slope, f.applyAsDouble(low), f.applyAsDouble(high), questions);
    }
}
