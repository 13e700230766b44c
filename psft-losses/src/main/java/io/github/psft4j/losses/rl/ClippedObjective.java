package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.KlForm;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;

/** PPO's clipped surrogate of a token's ratio, and a KL to a reference; objectives differ in how they take the mean. */
interface ClippedObjective extends RatioObjective {

    /** Lower clip width. */
    double epsLow();

    /** Upper clip width. */
    double epsHigh();

    /** Weight of the KL. */
    double beta();

    /** Estimator of the KL. */
    KlForm kl();

    /** Refuses parameters that are out of range, by name. */
    static void check(double epsLow, double epsHigh, double beta, KlForm kl) {
        new ClippedSurrogate(epsLow, epsHigh);
        new ReferenceTerm(beta, kl);
    }

    @Override
    default ReferenceTerm reference() {
        return new ReferenceTerm(beta(), kl());
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
    default void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        new ClippedSurrogate(epsLow(), epsHigh()).evaluate(tokens, out, from, to, 1, reference());
    }
}
