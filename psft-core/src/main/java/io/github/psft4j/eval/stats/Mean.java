package io.github.psft4j.eval.stats;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A mean over questions with its standard error.
 *
 * <p>Give one value for each question: the mean over its k samples. Its spread over questions already holds the noise
 * of sampling. Repeats of the same question are no further questions.
 *
 * @param value the mean
 * @param standardError of the mean; NaN below two independent units
 * @param units independent units: questions, or clusters of them
 */
public record Mean(double value, double standardError, int units) {

    /**
     * Of independent questions: {@code sqrt(sum (x - mean)^2 / (n - 1) / n)}.
     *
     * @throws IllegalArgumentException if there is no value or one is not finite
     */
    public static Mean of(double[] values) {
        double mean = mean(values);
        double squares = 0;
        for (double x : values) {
            squares += (x - mean) * (x - mean);
        }
        int n = values.length;
        return new Mean(mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n), n);
    }

    /**
     * Of questions that belong together, such as several about one text: {@code sqrt(G / (G - 1) sum_g (sum_(i in g)
     * (x_i - mean))^2) / n} (arXiv 2411.00640, eq. 4, with the factor for few clusters G).
     *
     * @param clusters the cluster of each value
     */
    public static Mean clustered(double[] values, List<String> clusters) {
        if (clusters.size() != values.length) {
            throw new IllegalArgumentException(
                    "there must be one cluster for each value, were " + clusters.size() + " for " + values.length);
        }
        double mean = mean(values);
        Map<String, Double> sums = new HashMap<>();
        for (int i = 0; i < values.length; i++) {
            sums.merge(clusters.get(i), values[i] - mean, Double::sum);
        }
        int g = sums.size();
        double squares = 0;
        for (double sum : sums.values()) {
            squares += sum * sum;
        }
        double error = g < 2 ? Double.NaN : Math.sqrt(squares * g / (g - 1)) / values.length;
        return new Mean(mean, error, g);
    }

    private static double mean(double[] values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("a mean needs at least one value");
        }
        double shift = 0;
        for (double x : values) {
            if (!Double.isFinite(x)) {
                throw new IllegalArgumentException("the values must be finite, one was " + x);
            }
            shift += x - values[0];
        }
        return values[0] + shift / values.length;
    }

    /**
     * The interval {@code value -+ t standardError}, with Student's t of units - 1 degrees of freedom.
     *
     * @param confidence such as 0.95, above 0 and below 1
     */
    public Interval interval(double confidence) {
        Interval.check(confidence);
        double t = units < 2 ? Double.NaN : StudentT.quantile(0.5 + confidence / 2, units - 1);
        return new Interval(value - t * standardError, value + t * standardError);
    }

    /**
     * The same for a mean of shares, from 0 to 1. Shares that are all 0, or all 1, show no spread, which is no
     * certainty: their interval is Wilson's, with t in place of z. It ends at {@code t^2 / (n + t^2)} from the mean.
     *
     * @param confidence such as 0.95, above 0 and below 1
     */
    public Interval shareInterval(double confidence) {
        if (standardError != 0 || value != 0 && value != 1) {
            return interval(confidence);
        }
        Interval.check(confidence);
        double t = StudentT.quantile(0.5 + confidence / 2, units - 1); // without spread there are two units or more
        double width = t * t / (units + t * t);
        return value == 0 ? new Interval(0, width) : new Interval(1 - width, 1);
    }
}
