package io.github.psft4j.rollout.advantage;

import java.util.Arrays;

/** Mean and unbiased standard deviation, in double; equal values are found by equality, not by a small number. */
public final class Moments {

    private Moments() {}

    /** Mean, exact if all values are equal; NaN of nothing. */
    public static double mean(double[] values) {
        return equal(values) ? values[0] : Arrays.stream(values).sum() / values.length;
    }

    /** Variance with n - 1, exactly 0 if all values are equal; 0 of one value. */
    public static double variance(double[] values) {
        if (equal(values)) {
            return 0;
        }
        double mean = mean(values);
        return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
    }

    /** Square root of the variance. */
    public static double deviation(double[] values) {
        return Math.sqrt(variance(values));
    }

    private static boolean equal(double[] values) {
        return values.length > 0 && Arrays.stream(values).allMatch(v -> v == values[0]);
    }
}
