package io.github.psft4j.loss;

import io.github.psft4j.kernel.RowGradient;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What an objective computes for every token. Scalar objectives {@link #set} a loss and a coefficient; dense ones add
 * further parts of the gradient with respect to the logits, where p is the policy and q the reference:
 *
 * <pre>
 * gradient = c (p - onehot) + softmax p + softmaxLog p log p + reference q + softmaxLogReference p log q + uniform
 *            + one number for each of the reference's likeliest tokens
 * </pre>
 *
 * <p>Contributions of the terms of a sum add up. So does the derivative by the value of a critic, for objectives that
 * read it.
 */
public final class TokenTerms {

    private final double[] loss; // [n]
    private final double[] coefficient; // [n]
    private final double[] ratio; // [n]
    private final boolean[] clipped; // [n]
    private final RowGradient dense; // null unless the objective needs it
    private final double[] referenceTop; // [n k]
    private final int topSize;
    private final Map<String, Integer> measuredBy = new HashMap<>(); // name to the term that measures it
    private Measures measured = Measures.NONE;
    private double[] value; // [n]; null until an objective sets one
    private double gain = 1;
    private int term; // of a sum, from 0

    /** Terms of n tokens of a scalar objective, all zero, ratio 1. */
    public TokenTerms(int n) {
        this(n, false, 0);
    }

    TokenTerms(int n, boolean isDense, int topSize) {
        loss = new double[n];
        coefficient = new double[n];
        ratio = new double[n];
        clipped = new boolean[n];
        Arrays.fill(ratio, 1);
        dense = isDense
                ? new RowGradient(
                        coefficient, new double[n], new double[n], new double[n], new double[n], new double[n])
                : null;
        this.topSize = topSize;
        referenceTop = new double[n * topSize];
    }

    /**
     * Sets the loss of token t and the coefficient c of its gradient {@code c (softmax - onehot)}. A second call for a
     * token adds to the first.
     */
    public void set(int t, double tokenLoss, double c) {
        loss[t] += gain * tokenLoss;
        coefficient[t] += gain * c;
    }

    /**
     * Sets a loss of token t that depends on what the critic expects there, and its derivative. A second call for a
     * token adds to the first.
     */
    public void setValue(int t, double tokenLoss, double derivative) {
        value = value == null ? new double[loss.length] : value;
        loss[t] += gain * tokenLoss;
        value[t] += gain * derivative;
    }

    /** Derivative of the loss of token t by the value of the critic, before aggregation. */
    public double value(int t) {
        return value == null ? 0 : value[t];
    }

    /** Sets the policy ratio of token t and whether the clip stopped its gradient. Of a sum the first term's counts. */
    public void setRatio(int t, double tokenRatio, boolean isClipped) {
        if (term == 0) {
            ratio[t] = tokenRatio;
            clipped[t] = isClipped;
        }
    }

    /**
     * Adds to a mean that logs show under this name beside the {@link LossReport}, such as the reward margin. Of a sum
     * of objectives all terms measure; of those with the same name the first counts.
     *
     * @param sum of some values, such as the margins of the pairs
     * @param count of these values
     */
    public void measure(String name, double sum, double count) {
        measuredBy.putIfAbsent(name, term);
        if (measuredBy.get(name) == term) {
            measured = measured.with(name, sum, count);
        }
    }

    /** Adds {@code x p} to the gradient of token t. */
    public void addSoftmax(int t, double x) {
        dense().softmax()[t] += gain * x;
    }

    /** Adds {@code x p log p} to the gradient of token t. */
    public void addSoftmaxLog(int t, double x) {
        dense().softmaxLog()[t] += gain * x;
    }

    /** Adds {@code x q} to the gradient of token t. */
    public void addReference(int t, double x) {
        dense().reference()[t] += gain * x;
    }

    /** Adds {@code x p log q} to the gradient of token t. */
    public void addSoftmaxLogReference(int t, double x) {
        dense().softmaxLogReference()[t] += gain * x;
    }

    /** Adds x to the gradient of every logit of token t. */
    public void addUniform(int t, double x) {
        dense().uniform()[t] += gain * x;
    }

    /** Adds x to the gradient of the logit of the reference's j-th likeliest token at token t. */
    public void addReferenceTop(int t, int j, double x) {
        referenceTop[t * topSize + j] += gain * x;
    }

    private RowGradient dense() {
        if (dense == null) {
            throw new IllegalStateException("a dense gradient needs RowNeeds.DENSE or REFERENCE in needs()");
        }
        return dense;
    }

    /** Takes what comes from now on as that of a term of a sum, times a factor. */
    void begin(int number, double factor) {
        term = number;
        gain = factor;
    }

    /** What was measured, in the order of the first values. */
    Measures measured() {
        return measured;
    }

    double gain() {
        return gain;
    }

    int term() {
        return term;
    }

    /** Multiplies the dense parts of token t by a factor. */
    void scaleDense(int t, double factor) {
        if (dense != null) {
            dense.softmax()[t] *= factor;
            dense.softmaxLog()[t] *= factor;
            dense.reference()[t] *= factor;
            dense.softmaxLogReference()[t] *= factor;
            dense.uniform()[t] *= factor;
        }
        for (int j = t * topSize; j < (t + 1) * topSize; j++) {
            referenceTop[j] *= factor;
        }
    }

    /** Sum of the dense parts of token t, to see whether one is not finite. */
    double denseSum(int t) {
        double sum = 0;
        if (dense != null) {
            sum = dense.softmax()[t]
                    + dense.softmaxLog()[t]
                    + dense.reference()[t]
                    + dense.softmaxLogReference()[t]
                    + dense.uniform()[t];
        }
        for (int j = t * topSize; j < (t + 1) * topSize; j++) {
            sum += referenceTop[j];
        }
        return sum;
    }

    /** The dense parts with the given factor on {@code p - onehot}. */
    RowGradient dense(double[] target) {
        return new RowGradient(
                target,
                dense().softmax(),
                dense().softmaxLog(),
                dense().reference(),
                dense().softmaxLogReference(),
                dense().uniform());
    }

    double[] referenceTop() {
        return referenceTop;
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
