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

    static Metric of(Mean mean, int questions) {
        Interval interval = mean.shareInterval(CONFIDENCE);
        return new Metric(mean.value(), mean.standardError(), interval.low(), interval.high(), questions);
    }

    /** An increasing function of this figure; the standard error by its slope. */
    Metric under(DoubleUnaryOperator f, double slope) {
        return new Metric(
                f.applyAsDouble(value), standardError * slope, f.applyAsDouble(low), f.applyAsDouble(high), questions);
    }
}
