package io.github.psft4j.losses.preference;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;

/**
 * Sequences 2i (chosen) and 2i + 1 (rejected) of a mini-batch. A pair's loss is spread evenly, half over the tokens of
 * each, so that the sum over tokens is the sum over pairs.
 */
final class Pairs {

    private final TokenBatch tokens;
    private final int[] lengths; // [sequences]

    /** @throws IllegalArgumentException if the number of sequences is odd */
    Pairs(TokenBatch tokens) {
        if (tokens.sequences() % 2 != 0) {
            throw new IllegalArgumentException("a preference objective needs pairs, chosen then rejected, but got "
                    + tokens.sequences() + " sequences");
        }
        this.tokens = tokens;
        this.lengths = tokens.sequenceLengths();
    }

    int count() {
        return lengths.length / 2;
    }

    /** Trained tokens of a sequence, 1 for none. */
    double length(int sequence) {
        return Math.max(1, lengths[sequence]);
    }

    /** A value per sequence, divided by its length. */
    double[] means(double[] sums) {
        double[] means = new double[sums.length];
        for (int s = 0; s < sums.length; s++) {
            means[s] = sums[s] / length(s);
        }
        return means;
    }

    /**
     * Sets the terms of every token.
     *
     * @param loss per pair
     * @param coefficient per sequence: minus the derivative of its pair's loss by the log-prob of each of its tokens
     */
    void spread(TokenTerms out, double[] loss, double[] coefficient) {
        for (int t = 0; t < tokens.size(); t++) {
            int s = tokens.sequence(t);
            boolean alone = lengths[s ^ 1] == 0; // the other sequence has no token to carry its half
            out.set(t, loss[s / 2] / (alone ? 1 : 2) / length(s), coefficient[s]);
        }
    }

    /** {@code log(1 + exp(x))} for any x. */
    static double softplus(double x) {
        return Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    /** {@code 1 / (1 + exp(-x))}. */
    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
