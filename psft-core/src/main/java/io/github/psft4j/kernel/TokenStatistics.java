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

    /**
     * Fills row t from sums over the vocabulary, with {@code d = z - largest} and {@code e = exp(d)}.
     *
     * @param single whether the log-prob is rounded to float
     * @param target d of the target
     * @param sum of e
     * @param weighted sum of e d
     */
    public void set(int t, boolean single, double largest, double target, double sum, double weighted) {
        double logSum = Math.log(sum);
        logProb[t] = single ? (float) (target - logSum) : target - logSum;
        entropy[t] = logSum - weighted / sum;
        expSum[t] = sum;
        max[t] = largest;
    }

    /** Log of the softmax denominator of row t: {@code log(sum(exp(z)))}. */
    public double logSumExp(int t) {
        return max[t] + Math.log(expSum[t]);
    }
}
