package io.github.psft4j.kernel;

/**
 * What one softmax sweep says of every token row: double precision, because there are few of them and ratios are made
 * of them.
 *
 * @param logProb log-prob of the target, nats, {@code [n]}
 * @param entropy Shannon entropy of the predicted distribution, nats, {@code [n]}
 * @param expSum softmax denominator relative to the row's maximum, {@code [n]}
 */
public record TokenStatistics(double[] logProb, double[] entropy, double[] expSum) {

    /** Statistics of n rows, all zero. */
    public static TokenStatistics ofRows(int n) {
        return new TokenStatistics(new double[n], new double[n], new double[n]);
    }
}
