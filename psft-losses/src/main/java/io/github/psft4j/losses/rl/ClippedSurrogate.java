package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;

/** The token formula that PPO, GRPO and their relatives share; see {@link PpoClipObjective}. */
final class ClippedSurrogate {

    private ClippedSurrogate() {}

    static void check(double epsLow, double epsHigh, double dualClip, double maxLogRatio) {
        if (!(epsLow >= 0 && epsLow <= 1)) {
            throw new IllegalArgumentException("epsLow must lie in [0, 1], was " + epsLow);
        }
        if (!(epsHigh > 0)) {
            throw new IllegalArgumentException("epsHigh must be above 0, was " + epsHigh);
        }
        if (!(dualClip == 0 || dualClip > 1)) {
            throw new IllegalArgumentException("dualClip must be 0 (none) or above 1, was " + dualClip);
        }
        if (!(maxLogRatio > 0)) {
            throw new IllegalArgumentException("maxLogRatio must be above 0, was " + maxLogRatio);
        }
    }

    static void evaluate(
            TokenBatch tokens,
            TokenTerms out,
            int from,
            int to,
            double epsLow,
            double epsHigh,
            double dualClip,
            double maxLogRatio,
            double scale) {
        for (int t = from; t < to; t++) {
            double d = tokens.logRatio(t, maxLogRatio);
            term(t, d, tokens.column(Column.ADVANTAGE, t), out, epsLow, epsHigh, dualClip, maxLogRatio, scale);
        }
    }

    /** One token with clamped log-ratio d and advantage a. */
    static void term(
            int t,
            double d,
            double a,
            TokenTerms out,
            double epsLow,
            double epsHigh,
            double dualClip,
            double maxLogRatio,
            double scale) {
        double ratio = Math.exp(d);
        double clipped = Math.max(1 - epsLow, Math.min(1 + epsHigh, ratio));
        double loss = Math.max(-a * ratio, -a * clipped);
        boolean active = a >= 0 ? ratio <= 1 + epsHigh : ratio >= 1 - epsLow;
        if (a < 0 && dualClip > 0 && loss > -a * dualClip) {
            loss = -a * dualClip;
            active = false;
        }
        boolean clamped = Math.abs(d) >= maxLogRatio;
        out.set(t, scale * loss, active && !clamped ? scale * a * ratio : 0);
        out.setRatio(t, ratio, !active);
    }
}
