package io.github.psft4j.losses.rl;

/** Loss and gradient of the tokens of a mini-batch by their ratios, without a KL. */
interface Surrogate {

    /**
     * What one ratio and one advantage come to.
     *
     * @param loss before aggregation
     * @param coefficient c of the gradient {@code c (softmax - onehot)}
     * @param ratio of the policy to pi_old, of the token or of its sequence
     * @param clipped whether the clip stopped the gradient
     */
    record Term(double loss, double coefficient, double ratio, boolean clipped) {}

    /** The term of token t. */
    Term at(int t);

    /** How much token t counts in the shares of what was clipped: 1, or its part of a sequence. */
    default double share(int t) {
        return 1;
    }

    /** Log-ratios by sequence where a ratio is one of a sequence; null where it is one of a token. */
    default SequenceRatios sequences() {
        return null;
    }
}
