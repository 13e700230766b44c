package io.github.psft4j.loss;

import io.github.psft4j.kernel.TokenStatistics;

/**
 * The reference's k likeliest tokens at every trained token, likeliest first, with their log-probs under reference and
 * policy; k is at most the vocabulary.
 */
public final class ReferenceTop {

    private final int size;
    private final int[] ids; // [n k]
    private final double[] logits; // [n k], of the reference
    private final double[] policyLogits; // [n k]
    private final TokenStatistics statistics;

    ReferenceTop(int size, TokenStatistics statistics) {
        int n = statistics.logProb().length;
        this.size = size;
        this.ids = new int[n * size];
        this.logits = new double[n * size];
        this.policyLogits = new double[n * size];
        this.statistics = statistics;
    }

    int[] ids() {
        return ids;
    }

    double[] logits() {
        return logits;
    }

    double[] policyLogits() {
        return policyLogits;
    }

    int size() {
        return size;
    }

    /** The smaller of k and the vocabulary. */
    public int effective(int k) {
        return Math.min(k, size);
    }

    /** {@code log q} of the reference's j-th likeliest token at token t, nats. */
    public double refLogProb(int t, int j) {
        return logits[t * size + j] - statistics.dense().refLogSumExp(t);
    }

    /** {@code log p}, of the policy, at the reference's j-th likeliest token, nats. */
    public double logProb(int t, int j) {
        return policyLogits[t * size + j] - statistics.logSumExp(t);
    }
}
