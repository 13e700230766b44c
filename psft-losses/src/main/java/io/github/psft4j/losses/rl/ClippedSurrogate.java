package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.ParameterException;

/** The token formula that PPO, GRPO and their relatives share, with the parameters of {@link PpoClipObjective}. */
record ClippedSurrogate(double epsLow, double epsHigh, double dualClip, double maxLogRatio) {

    static final double MAX_LOG_RATIO = 20;

    ClippedSurrogate {
        ParameterException.check(epsLow >= 0 && epsLow <= 1, "epsLow", "must lie in [0, 1]", epsLow);
        ParameterException.check(epsHigh > 0, "epsHigh", "must be above 0", epsHigh);
        ParameterException.check(dualClip == 0 || dualClip > 1, "dualClip", "must be 0 (none) or above 1", dualClip);
        ParameterException.check(maxLogRatio > 0, "maxLogRatio", "must be above 0", maxLogRatio);
    }

    /** Without dual clip, log-ratios up to 20 nats. */
    ClippedSurrogate(double epsLow, double epsHigh) {
        this(epsLow, epsHigh, 0, MAX_LOG_RATIO);
    }

    /** Tokens from (inclusive) to (exclusive), loss and gradient times scale. */
    void evaluate(TokenBatch tokens, TokenTerms out, int from, int to, double scale) {
        for (int t = from; t < to; t++) {
            term(t, tokens.logRatio(t, maxLogRatio), tokens.column(Column.ADVANTAGE, t), out, scale);
        }
    }

    /** As above, with the KL to a reference in the loss of every token. */
    void evaluate(TokenBatch tokens, TokenTerms out, int from, int to, double scale, ReferenceTerm reference) {
        evaluate(tokens, out, from, to, scale);
        for (int t = from; t < to; t++) {
            reference.add(tokens, out, t, scale);
        }
    }

    /** A log-ratio within the bound. */
    double bounded(double d) {
        return Math.max(-maxLogRatio, Math.min(maxLogRatio, d));
    }

    /** One token with clamped log-ratio d and advantage a. */
    void term(int t, double d, double a, TokenTerms out, double scale) {
        Term term = term(d, a);
        out.set(t, scale * term.loss, scale * term.coefficient);
        out.setRatio(t, term.ratio, term.clipped);
    }

    /** What one clamped log-ratio d and one advantage a come to. */
    Term term(double d, double a) {
        double ratio = Math.exp(d);
        double clipped = Math.max(1 - epsLow, Math.min(1 + epsHigh, ratio));
        double loss = Math.max(-a * ratio, -a * clipped);
        boolean active = a >= 0 ? ratio <= 1 + epsHigh : ratio >= 1 - epsLow;
        if (a < 0 && dualClip > 0 && loss > -a * dualClip) {
            loss = -a * dualClip;
            active = false;
        }
        boolean clamped = Math.abs(d) >= maxLogRatio;
        return new Term(loss, active && !clamped ? a * ratio : 0, ratio, !active);
    }

    /** Loss, coefficient of the gradient, ratio, and whether the clip stopped the gradient. */
    record Term(double loss, double coefficient, double ratio, boolean clipped) {}
}
