package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.KlForm;
import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.losses.regularizer.ReverseKl;
import io.github.psft4j.settings.ParameterException;

/** The KL to a frozen reference in the loss of a token: beta times an estimate from the token alone. */
record ReferenceTerm(double beta, KlForm kl) {

    ReferenceTerm {
        ParameterException.check(beta >= 0 && Double.isFinite(beta), "beta", "must be 0 (none) or above", beta);
        ParameterException.check(kl != null, "kl", "must be K1, K2, K3, K3_RATIO or FULL", kl);
    }

    boolean isOn() {
        return beta > 0;
    }

    /** Whether it takes the reference's log-prob of the token. */
    boolean readsLogProb() {
        return isOn() && kl.isOfToken();
    }

    RowNeeds needs() {
        return isOn() && !kl.isOfToken() ? RowNeeds.REFERENCE : RowNeeds.NONE;
    }

    /**
     * Adds scale times the term to token t. Log-ratios are bounded like those of the surrogate. Where the ratio is one
     * of a sequence, K3_RATIO takes it.
     *
     * @return the estimate, nats; 0 where there is no term
     */
    double add(TokenBatch tokens, TokenTerms out, int t, double scale, Surrogate surrogate) {
        if (!isOn()) {
            return 0;
        }
        if (!kl.isOfToken()) {
            ReverseKl.add(tokens, out, t, scale * beta);
            return tokens.dense().reverseKl()[t];
        }
        SequenceRatios sequences = kl == KlForm.K3_RATIO ? surrogate.sequences() : null;
        double full = tokens.refLogRatio(t);
        double d = bounded(full);
        double ratio = sequences == null ? ratio(tokens, t) : sequences.ratio(tokens.sequence(t));
        double slope = sequences == null ? kl.slope(d, ratio) : sequences.slopeOfK3(t, d);
        double value = kl.value(d, ratio);
        out.set(t, scale * beta * value, d == full ? -scale * beta * slope : 0);
        return value;
    }

    static double bounded(double d) {
        return Math.max(-RatioClip.MAX_LOG_RATIO, Math.min(RatioClip.MAX_LOG_RATIO, d));
    }

    private static double ratio(TokenBatch tokens, int t) {
        return tokens.has(Column.OLD_LOG_PROB) ? Math.exp(tokens.logRatio(t, RatioClip.MAX_LOG_RATIO)) : 1;
    }
}
