package io.github.psft4j.eval.stats;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Percentile intervals of a mean over questions, by resampling the questions. */
public final class Bootstrap {

    private Bootstrap() {}

    /**
     * The interval from random resamples.
     *
     * @param values one for each question
     * @param resamples how many, &gt;= 100
     * @param seed of the resamples: the same seed gives the same interval
     */
    public static Interval interval(double[] values, double confidence, int resamples, long seed) {
        Interval.check(confidence);
        Mean.of(values); // checks them
        if (resamples < 100) {
            throw new IllegalArgumentException("a bootstrap needs at least 100 resamples, was " + resamples);
        }
        SplittableRandom random = new SplittableRandom(seed);
        double[] means = new double[resamples];
        for (int r = 0; r < resamples; r++) {
            double sum = 0;
            for (int i = 0; i < values.length; i++) {
                sum += values[random.nextInt(values.length)];
            }
            means[r] = sum / values.length;
        }
        Arrays.sort(means);
        return new Interval(quantile(means, (1 - confidence) / 2), quantile(means, (1 + confidence) / 2));
    }

    /** Between the neighbours in order, as NumPy does it by default. */
    private static double quantile(double[] sorted, double p) {
        double at = p * (sorted.length - 1);
        int below = (int) Math.floor(at);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /**
     * The interval that endlessly many resamples would give, for avg@n: the quantiles of the bootstrap distribution
     * itself, which is a convolution of the counts.
     *
     * @param n samples of each question
     * @param counts right ones of each question, 0 to n
     * @return the smallest means whose distribution function reaches {@code (1 - confidence) / 2} and {@code (1 +
     *     confidence) / 2}
     */
    public static Interval exact(int n, int[] counts, double confidence) {
        Interval.check(confidence);
        double[] one = new double[n + 1];
        for (int c : counts) {
            if (c < 0 || c > n) {
                throw new IllegalArgumentException("a count must be from 0 to " + n + ", was " + c);
            }
            one[c] += 1.0 / counts.length;
        }
        double[] sum = {1};
        for (int i = 0; i < counts.length; i++) {
            sum = convolve(sum, one);
        }
        double scale = (double) n * counts.length;
        return new Interval(reaches(sum, (1 - confidence) / 2) / scale, reaches(sum, (1 + confidence) / 2) / scale);
    }

    private static double[] convolve(double[] a, double[] b) {
        double[] out = new double[a.length + b.length - 1];
        for (int j = 0; j < b.length; j++) {
            if (b[j] != 0) {
                for (int i = 0; i < a.length; i++) {
                    out[i + j] += a[i] * b[j];
                }
            }
        }
        return out;
    }

    private static int reaches(double[] probabilities, double level) {
        double sum = 0;
        for (int i = 0; i < probabilities.length; i++) {
            sum += probabilities[i];
            if (sum >= level) {
                return i;
            }
        }
        return probabilities.length - 1;
    }
}
