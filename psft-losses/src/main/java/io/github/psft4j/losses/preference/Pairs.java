package io.github.psft4j.losses.preference;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;
import java.util.List;

/**
 * Sequences 2i (chosen) and 2i + 1 (rejected) of a mini-batch. A pair's loss is spread evenly, half over the tokens of
 * each, so that the sum over tokens is the sum over pairs.
 */
final class Pairs {

    /** What every preference objective measures; see {@link #measure}. */
    static final List<String> MEASURES =
            List.of("rewards_chosen", "rewards_rejected", "margin", "accuracy", "logps_chosen", "logps_rejected");

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

    /**
     * Measures rewards and summed log-probs of both sides, the difference of rewards, and the accuracy. That is the
     * share of pairs whose chosen answer has the higher reward; equal rewards count as wrong.
     *
     * @param rewards per sequence
     */
    void measure(TokenTerms out, double[] rewards) {
        double[] logProbs = tokens.sequenceSums(tokens::logProb);
        double[] sums = new double[MEASURES.size()];
        for (int i = 0; i < count(); i++) {
            double chosen = rewards[2 * i];
            double rejected = rewards[2 * i + 1];
            sums[0] += chosen;
            sums[1] += rejected;
            sums[2] += chosen - rejected;
            sums[3] += chosen > rejected ? 1 : 0;
            sums[4] += logProbs[2 * i];
            sums[5] += logProbs[2 * i + 1];
        }
        for (int m = 0; m < sums.length; m++) {
            out.measure(MEASURES.get(m), sums[m], count());
        }
    }

    /** The values times a factor. */
    static double[] scaled(double[] values, double factor) {
        double[] scaled = values.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= factor;
        }
        return scaled;
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
