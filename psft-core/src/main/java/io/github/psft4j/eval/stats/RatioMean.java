package io.github.psft4j.eval.stats;

import java.util.List;

/**
 * A ratio of two sums over questions, such as log-likelihood per word, with its standard error by linearisation.
 *
 * <p>With {@code r = sum y_i / sum w_i} the values {@code z_i = r + (y_i - r w_i) n / sum w} have the mean r, and their
 * standard error is that of r. With all weights 1 they are the y_i themselves.
 */
public final class RatioMean {

    private RatioMean() {}

    /**
     * The ratio.
     *
     * @param values numerator of each question, divided by its weight
     * @param weights denominator of each question, at least 0, their sum above 0
     * @param clusters the cluster of each question; null if they are independent
     * @throws IllegalArgumentException if there is no weight or a number is not finite
     */
    public static Mean of(double[] values, double[] weights, List<String> clusters) {
        double sum = 0;
        double total = 0;
        for (int i = 0; i < values.length; i++) {
            sum += values[i] * weights[i];
            total += weights[i];
        }
        if (!(total > 0)) {
            throw new IllegalArgumentException("a ratio needs weights with a sum above 0, was " + total);
        }
        double ratio = sum / total;
        double[] linear = new double[values.length];
        for (int i = 0; i < linear.length; i++) {
            linear[i] = ratio + (values[i] - ratio) * weights[i] * linear.length / total;
        }
        return clusters == null ? Mean.of(linear) : Mean.clustered(linear, clusters);
    }
}
