package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.KlForm;
import io.github.psft4j.loss.TokenBatch;

/** Log-ratio to pi_old and advantage of whole sequences, for objectives with one ratio per sequence. */
final class SequenceRatios {

    private final TokenBatch tokens;
    private final double[] sums; // [sequences]
    private final double[] advantages; // [sequences]
    private final int[] lengths; // [sequences]
    private double[] k3; // [sequences], sums; null until they are asked for

    SequenceRatios(TokenBatch tokens) {
        this.tokens = tokens;
        sums = tokens.sequenceSums(t -> tokens.logRatio(t, Double.MAX_VALUE));
        advantages = tokens.sequenceSums(t -> tokens.column(Column.ADVANTAGE, t));
        lengths = tokens.sequenceLengths();
    }

    /** Sum of the log-ratios of its tokens, nats. */
    double sum(int sequence) {
        return sums[sequence];
    }

    /** Mean of the log-ratios of its tokens, nats. */
    double mean(int sequence) {
        return sums[sequence] / lengths[sequence];
    }

    /** The geometric mean of the ratios of its tokens. */
    double ratio(int sequence) {
        return Math.exp(ReferenceTerm.bounded(mean(sequence)));
    }

    /** Mean of the advantages of its tokens. */
    double advantage(int sequence) {
        return advantages[sequence] / lengths[sequence];
    }

    int length(int sequence) {
        return lengths[sequence];
    }

    /**
     * Derivative of the sum over a sequence of {@code ratio K3} by the log-prob of its token t. It has two parts: that
     * of the token's own K3, and that of the ratio, which all tokens of the sequence share.
     *
     * @param d log-ratio of token t to the reference, nats
     */
    double slopeOfK3(int t, double d) {
        if (k3 == null) {
            k3 = tokens.sequenceSums(u -> KlForm.K3.value(ReferenceTerm.bounded(tokens.refLogRatio(u)), 1));
        }
        int s = tokens.sequence(t);
        boolean within = Math.abs(mean(s)) < RatioClip.MAX_LOG_RATIO;
        return ratio(s) * (KlForm.K3.slope(d, 1) + (within ? k3[s] / lengths[s] : 0));
    }
}
