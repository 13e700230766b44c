package io.github.psft4j.kernel;

/**
 * What one softmax sweep says of every token row: double precision, because there are few of them and ratios are made
 * of them.
 *
 * @param logProb log-prob of the target, nats, {@code [n]}
 * @param entropy Shannon entropy of the predicted distribution, nats, {@code [n]}
 * @param expSum softmax denominator relative to the row's maximum, {@code [n]}
 * @param max largest logit of the row, {@code [n]}
 * @param dense what only {@link VocabularySoftmax#denseForward} fills in; null without it
 */
public record TokenStatistics(
        double[] logProb, double[] entropy, double[] expSum, double[] max, DenseStatistics dense) {

    /** Statistics of n rows for {@link TensorOps#softmax}, all zero. */
    public static TokenStatistics ofRows(int n) {
        return new TokenStatistics(new double[n], new double[n], new double[n], new double[n], null);
    }

    /** Statistics of n rows for {@link VocabularySoftmax#denseForward}, all zero. */
    public static TokenStatistics dense(int n) {
        return new TokenStatistics(
                new double[n], new double[n], new double[n], new double[n], DenseStatistics.ofRows(n));
    }

    /** Log of the softmax denominator of row t: {@code log(sum(exp(z)))}. */
    public double logSumExp(int t) {
        return max[t] + Math.log(expSum[t]);
    }
}
