package io.github.psft4j.losses.rl;

import io.github.psft4j.settings.ParameterException;

/** The clip that PPO, GRPO and their relatives share, with the parameters of {@link PpoClipObjective}. */
record RatioClip(double epsLow, double epsHigh, double dualClip, double maxLogRatio) {

    static final double MAX_LOG_RATIO = 20;

    RatioClip {
        ParameterException.check(epsLow >= 0 && epsLow <= 1, "epsLow", "must lie in [0, 1]", epsLow);
        ParameterException.check(epsHigh > 0, "epsHigh", "must be above 0", epsHigh);
        ParameterException.check(dualClip == 0 || dualClip > 1, "dualClip", "must be 0 (none) or above 1", dualClip);
        ParameterException.check(maxLogRatio > 0, "maxLogRatio", "must be above 0", maxLogRatio);
    }

    /** Without dual clip, log-ratios up to 20 nats. */
    RatioClip(double epsLow, double epsHigh) {
        this(epsLow, epsHigh, 0, MAX_LOG_RATIO);
    }

    /** What one log-ratio d and one advantage a come to. */
    Surrogate.Term term(double d, double a) {
        double bounded = Math.max(-maxLogRatio, Math.min(maxLogRatio, d));
        double ratio = Math.exp(bounded);
        double clipped = Math.max(1 - epsLow, Math.min(1 + epsHigh, ratio));
        double loss = Math.max(-a * ratio, -a * clipped);
        boolean active = a >= 0 ? ratio <= 1 + epsHigh : ratio >= 1 - epsLow;
        if (a < 0 && dualClip > 0 && loss > -a * dualClip) {
            loss = -a * dualClip;
            active = false;
        }
        boolean within = Math.abs(bounded) < maxLogRatio;
        return new Surrogate.Term(loss, active && within ? a * ratio : 0, ratio, !active);
    }
}
