package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.KlForm;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * CISPO: REINFORCE with a clipped, detached importance weight, so that clipped tokens keep a gradient. Source: MiniMax,
 * arXiv 2506.13585; upper clamp only, as in TRL at f2cd577.
 *
 * <pre>
 * r   = exp(clamp(log p_y - log p_old, -20, 20))
 * L_t = -sg(min(r, 1 + epsHigh)) A log p_y + beta kl      dL_t/dlogits = min(r, 1 + epsHigh) A (p - onehot(y)) + ...
 * </pre>
 *
 * <p>log p_old is {@link Column#OLD_LOG_PROB}, A is {@link Column#ADVANTAGE}. Unit: nats/token. TRL's
 * {@code epsilon_high} is the cap itself, 1 + epsHigh here.
 *
 * <p>When to use: rollouts where rare decisive tokens would be clipped away. With A = 1 on demonstrations it is PSFT
 * whose clipped tokens go on learning. Weakness: nothing ever stops a token.
 *
 * @param epsHigh upper clip width, above 0; default 0.28
 * @param beta weight of the KL to the reference in the loss, 0 or above; default 0, none
 * @param kl how it is estimated at the sampled token; default K3
 */
@Doc("CISPO: REINFORCE with a clipped, detached importance weight")
public record CispoObjective(
        @Doc("upper clip width, above 0") double epsHigh,

        @Doc("weight of the KL to the reference in the loss, 0: none")
        double beta,

        @Doc("estimator of that KL") KlForm kl)
        implements RatioObjective {

    /** Clip 0.28, no KL. */
    public CispoObjective() {
        this(0.28);
    }

    /** Without a KL to a reference. */
    public CispoObjective(double epsHigh) {
        this(epsHigh, 0, KlForm.K3);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public CispoObjective {
        ParameterException.check(epsHigh > 0, "epsHigh", "must be above 0", epsHigh);
        RatioObjective.check(beta, kl);
    }

    @Override
    public double high() {
        return 1 + epsHigh;
    }

    @Override
    public Surrogate surrogate(TokenBatch tokens) {
        return t -> {
            double ratio = Math.exp(tokens.logRatio(t, RatioClip.MAX_LOG_RATIO));
            double c = Math.min(ratio, 1 + epsHigh) * tokens.column(Column.ADVANTAGE, t);
            return new Surrogate.Term(-c * tokens.logProb(t), c, ratio, false);
        };
    }
}
