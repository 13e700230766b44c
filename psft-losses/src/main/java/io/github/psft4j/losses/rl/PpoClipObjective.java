package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.KlForm;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;

/**
 * PPO's clipped surrogate, with an optional second clip for negative advantages (Schulman et al., arXiv 1707.06347;
 * dual clip: Ye et al., arXiv 1912.09729). See {@link DapoObjective} for clip-higher.
 *
 * <pre>
 * d   = clamp(log p_y - log p_old, -maxLogRatio, maxLogRatio)        r = exp(d)
 * L_t = max(-A r, -A clip(r, 1 - epsLow, 1 + epsHigh));  for A &lt; 0 and dualClip c > 0 at most -A c
 * dL_t/dlogits = A r [active] (p - onehot(y))
 * active: A >= 0 and r &lt;= 1 + epsHigh, or A &lt; 0 and r >= 1 - epsLow (and r &lt;= c); and |d| &lt; maxLogRatio
 * </pre>
 *
 * <p>log p_old is {@link Column#OLD_LOG_PROB}, A is {@link Column#ADVANTAGE}. With A = 1 this is PSFT. No unit. With
 * advantages by GAE and a critic it is PPO.
 *
 * <p>When to use: rollouts with rewards. Weakness: without dual clip a token with A below 0 and a large ratio has an
 * unbounded gradient.
 *
 * @param epsLow lower clip width, in [0, 1]; default 0.2
 * @param epsHigh upper clip width, above 0; default 0.2
 * @param dualClip c, above 1, or 0 for none; default 0 (verl: 3)
 * @param maxLogRatio bound on |d|, nats, above 0; default 20
 */
@Doc("PPO clip: clipped ratio times advantage, optionally with dual clip and clip-higher")
public record PpoClipObjective(
        @Doc("lower clip width, in [0, 1]") double epsLow,
        @Doc("upper clip width, above 0") double epsHigh,

        @Doc("bound on the ratio for negative advantages, above 1; 0: none")
        double dualClip,

        @Doc("bound on |log p - log p_old|, nats, above 0") double maxLogRatio)
        implements ClippedObjective {

    /** Clip 0.2 on both sides, no dual clip. */
    public PpoClipObjective() {
        this(0.2, 0.2, 0, 20);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public PpoClipObjective {
        new RatioClip(epsLow, epsHigh, dualClip, maxLogRatio);
    }

    /** Measures the distance to pi_old as well: half the mean square of the log-ratio, as PPO reports it. */
    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        ClippedObjective.super.evaluate(tokens, out, from, to);
        double sum = 0;
        for (int t = from; t < to; t++) {
            sum += KlForm.K2.value(tokens.logRatio(t, maxLogRatio), 1);
        }
        out.measure("old_kl_k2", sum, to - from);
    }

    @Override
    public RatioClip clip() {
        return new RatioClip(epsLow, epsHigh, dualClip, maxLogRatio);
    }
}
