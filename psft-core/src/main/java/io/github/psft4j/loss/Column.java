package io.github.psft4j.loss;

import java.util.Set;

/**
 * What a label array may carry per token in addition to the token id.
 *
 * <p>Labels are {@code [B, C, T]}: channel 0 is the token id, then come the columns that the objective declares, in the
 * order of this enumeration.
 */
public enum Column {
    /** Log-prob of the token under the snapshot pi_old, nats; {@link #CURRENT} means pi_old = pi_theta. */
    OLD_LOG_PROB,
    /** Log-prob of the token under a frozen reference model, nats. */
    REF_LOG_PROB,
    /** Advantage of the token, of any sign. */
    ADVANTAGE,
    /** Factor on the token's loss and gradient. */
    WEIGHT,
    /** What a critic expected before the token when its macro-batch began, in units of the reward. */
    OLD_VALUE,
    /** What a critic should have expected there: the advantage before whitening plus {@link #OLD_VALUE}. */
    RETURN;

    /**
     * Value of {@link #OLD_LOG_PROB} that says "the snapshot is the current policy", so that the ratio is exactly 1. It
     * stands in the first mini-batch after a refresh, whose snapshot pass would be wasted work, and during an SFT
     * warm-up. No failure produces it: a lost log-prob is NaN or negative infinity, and both are refused.
     */
    public static final double CURRENT = Double.POSITIVE_INFINITY;

    /** Channel of this column in the labels of an objective that declares the given columns. */
    public int channel(Set<Column> declared) {
        int channel = 1;
        for (Column c : values()) {
            if (c == this) {
                return channel;
            }
            if (declared.contains(c)) {
                channel++;
            }
        }
        throw new IllegalStateException("unreachable");
    }
}
