package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenBatch;

/** Log-ratio to pi_old and advantage of whole sequences, for objectives with one ratio per sequence. */
final class SequenceRatios {

    private final double[] sums; // [sequences]
    private final double[] advantages; // [sequences]
    private final int[] lengths; // [sequences]

    SequenceRatios(TokenBatch tokens) {
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

    /** Mean of the advantages of its tokens. */
    double advantage(int sequence) {
        return advantages[sequence] / lengths[sequence];
    }

    int length(int sequence) {
        return lengths[sequence];
    }
}
