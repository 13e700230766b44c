package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.KlForm;
import io.github.psft4j.loss.TokenBatch;

/** PPO's clipped surrogate and a KL to a reference; objectives differ in what has a ratio and in the mean. */
interface ClippedObjective extends RatioObjective {

    /** Lower clip width. */
    double epsLow();

    /** Upper clip width. */
    double epsHigh();

    /** The clip of these widths. */
    default RatioClip clip() {
        return new RatioClip(epsLow(), epsHigh());
    }

    /** Refuses parameters that are out of range, by name. */
    static void check(double epsLow, double epsHigh, double beta, KlForm kl) {
        new RatioClip(epsLow, epsHigh);
        RatioObjective.check(beta, kl);
    }

    @Override
    default double low() {
        return 1 - epsLow();
    }

    @Override
    default double high() {
        return 1 + epsHigh();
    }

    @Override
    default Surrogate surrogate(TokenBatch tokens) {
        RatioClip clip = clip();
        return t -> clip.term(tokens.logRatio(t, clip.maxLogRatio()), tokens.column(Column.ADVANTAGE, t));
    }
}
