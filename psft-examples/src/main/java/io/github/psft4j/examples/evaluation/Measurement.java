package io.github.psft4j.examples.evaluation;

import java.util.Arrays;
import java.util.List;

/**
 * A mean over problems that remembers every problem, so that two models can be compared on the same problems.
 *
 * <p>The value is {@code sum(sums) / sum(counts)}: an accuracy with one count per problem, or a mean per token with one
 * count per token.
 *
 * @param sums total per problem // [problems]
 * @param counts number of things in that total, at least one over all problems // [problems]
 */
public record Measurement(double[] sums, int[] counts) {

    /** @throws IllegalArgumentException if the arrays differ in length or count nothing */
    public Measurement {
        if (sums.length != counts.length) {
            throw new IllegalArgumentException(
                    "sums and counts must have one entry per problem: " + sums.length + " and " + counts.length);
        }
        if (total(counts) == 0) {
            throw new IllegalArgumentException("a measurement needs at least one count, got none");
        }
        sums = sums.clone();
        counts = counts.clone();
    }

    /** The share of problems solved. */
    public static Measurement share(boolean[] solved) {
        double[] sums = new double[solved.length];
        int[] counts = new int[solved.length];
        for (int i = 0; i < solved.length; i++) {
            sums[i] = solved[i] ? 1 : 0;
            counts[i] = 1;
        }
        return new Measurement(sums, counts);
    }

    /** All problems of several measurements as one. */
    public static Measurement pooled(List<Measurement> parts) {
        return new Measurement(
                parts.stream().flatMapToDouble(part -> Arrays.stream(part.sums)).toArray(),
                parts.stream().flatMapToInt(part -> Arrays.stream(part.counts)).toArray());
    }

    /** The mean. */
    public double value() {
        double sum = 0;
        for (double s : sums) {
            sum += s;
        }
        return sum / total(counts);
    }

    /** Number of problems. */
    public int problems() {
        return sums.length;
    }

    /**
     * {@code this - other} with the standard error of a paired comparison: problems that are hard for both models
     * cancel. For means per token it is that of a difference of ratio estimators (linearised). The problem is the unit
     * of sampling, because tokens of one answer are not independent.
     *
     * @throws IllegalArgumentException if the two are not over the same number of problems
     */
    public Difference minus(Measurement other) {
        int n = problems();
        if (other.problems() != n) {
            throw new IllegalArgumentException("cannot pair " + n + " problems with " + other.problems());
        }
        double[] mine = residuals();
        double[] theirs = other.residuals();
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double residual = mine[i] - theirs[i];
            squares += residual * residual;
        }
        // The residuals of a ratio estimator sum to zero, so this is their variance.
        double standardError = n > 1 ? Math.sqrt(squares / (n - 1) / n) : Double.NaN;
        return new Difference(value() - other.value(), standardError);
    }

    private double[] residuals() {
        double mean = value();
        double meanCount = (double) total(counts) / counts.length;
        double[] residuals = new double[sums.length];
        for (int i = 0; i < sums.length; i++) {
            residuals[i] = (sums[i] - mean * counts[i]) / meanCount;
        }
        return residuals;
    }

    private static long total(int[] counts) {
        long total = 0;
        for (int count : counts) {
            total += count;
        }
        return total;
    }
}
