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
     * The same for a mean of shares, from 0 to 1. It is the interval of Wilson (Journal of the American Statistical
     * Association 22, 1927) with the effective number of answers in place of their number, as Korn and Graubard do it
     * for the interval of Clopper and Pearson (Survey Methodology 24, 1998).
     *
     * <p>With the mean p, the number of answers m and the quantile q it is
     *
     * <pre>{@code (p + q^2 / (2 m) -+ q sqrt(p (1 - p) / m + q^2 / (4 m^2))) / (1 + q^2 / m)}</pre>
     *
     * <p>Of single answers, q is the normal distribution's: this is Wilson's interval itself. Else q is Student's of n
     * - 1 degrees of freedom for n units, and {@code m = n^2 p (1 - p) / ((n - 1) v)}, where v is the variance of a
     * unit. It is estimated from the standard error s with two more units, one of them right and one wrong, because a
     * few rare successes show too little spread (after Agresti and Coull, American Statistician 52, 1998): {@code v =
     * ((n - 1) n s^2 + 2 r (1 - r)) / (n + 1)} with {@code r = (n p + 1) / (n + 2)}. Where all shares are 0, or all 1,
     * m is n.
     *
     * @param confidence such as 0.95, above 0 and below 1
     * @param single whether each unit is one answer, right or wrong
     */
    public Interval shareInterval(double confidence, boolean single) {
        Interval.check(confidence);
        if (units < 2) {
            return new Interval(Double.NaN, Double.NaN);
        }
        double half = 0.5 + confidence / 2;
        double q = single ? Normal.quantile(half) : StudentT.quantile(half, units - 1);
        double spread = value * (1 - value);
        double answers = single || spread == 0 ? units : spread * units * units / (units - 1) / unitVariance();
        double width = q * q / answers;
        double root = q * Math.sqrt(spread / answers + width / answers / 4);
        double low = (value + width / 2 - root) / (1 + width);
        double high = (value + width / 2 + root) / (1 + width);
        return new Interval(value == 0 ? 0 : low, value == 1 ? 1 : high); // without the rounding
    }

    /** Of one share: what the standard error says, and two more units. */
    private double unitVariance() {
        double n = units;
        double r = (n * value + 1) / (n + 2);
        return ((n - 1) * n * standardError * standardError + 2 * r * (1 - r)) / (n + 1);
    }
}
