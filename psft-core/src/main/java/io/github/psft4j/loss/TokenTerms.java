package io.github.psft4j.loss;

/** What an objective says of every token: loss, gradient coefficient and, for ratio objectives, the ratio. */
public final class TokenTerms {

    private final double[] loss; // [n]
    private final double[] coefficient; // [n]
    private final double[] ratio; // [n]
    private final boolean[] clipped; // [n]

    /** Terms of n tokens, all zero, ratio 1. */
    public TokenTerms(int n) {
        loss = new double[n];
        coefficient = new double[n];
        ratio = new double[n];
        clipped = new boolean[n];
        java.util.Arrays.fill(ratio, 1);
    }

    /** Sets the loss of token t and the coefficient c of its gradient {@code c (softmax - onehot)}. */
    public void set(int t, double loss, double coefficient) {
        this.loss[t] = loss;
        this.coefficient[t] = coefficient;
    }

    /** Sets the policy ratio of token t and whether the clip stopped its gradient. */
    public void setRatio(int t, double ratio, boolean clipped) {
        this.ratio[t] = ratio;
        this.clipped[t] = clipped;
    }

    /** Loss of token t before aggregation. */
    public double loss(int t) {
        return loss[t];
    }

    /** Gradient coefficient of token t before aggregation. */
    public double coefficient(int t) {
        return coefficient[t];
    }

    /** Policy ratio of token t, 1 for objectives without one. */
    public double ratio(int t) {
        return ratio[t];
    }

    /** Whether the clip stopped the gradient of token t. */
    public boolean clipped(int t) {
        return clipped[t];
    }
}
