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

    static final ReferenceTerm NONE = new ReferenceTerm(0, KlForm.K3);

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

    /** Adds scale times the term to token t, whose log-ratios are bounded like those of the surrogate. */
    void add(TokenBatch tokens, TokenTerms out, int t, double scale) {
        if (isOn() && !kl.isOfToken()) {
            ReverseKl.add(tokens, out, t, scale * beta);
        } else if (isOn()) {
            double full = tokens.refLogRatio(t);
            double d = bounded(full);
            double ratio = ratio(tokens, t);
            double weight = scale * beta;
            out.set(t, weight * kl.value(d, ratio), d == full ? -weight * kl.slope(d, ratio) : 0);
        }
    }

    /** The estimate at token t, nats. */
    double value(TokenBatch tokens, int t) {
        return !kl.isOfToken()
                ? tokens.dense().reverseKl()[t]
                : kl.value(bounded(tokens.refLogRatio(t)), ratio(tokens, t));
    }

    private static double bounded(double d) {
        return Math.max(-ClippedSurrogate.MAX_LOG_RATIO, Math.min(ClippedSurrogate.MAX_LOG_RATIO, d));
    }

    private static double ratio(TokenBatch tokens, int t) {
        return tokens.has(Column.OLD_LOG_PROB) ? Math.exp(tokens.logRatio(t, ClippedSurrogate.MAX_LOG_RATIO)) : 1;
    }
}
