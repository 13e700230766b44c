package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.KlForm;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * SAPO: a soft gate on the ratio in place of the clip, with a mean per sequence first (Gao et al., arXiv 2511.20347).
 *
 * <pre>
 * r   = exp(clamp(log p_y - log p_old, -20, 20))      tau = tauPositive if A &gt; 0, else tauNegative
 * s   = sigmoid(tau (r - 1))
 * L_t = -A 4 s / tau + beta kl                        dL_t/dlogits = 4 A s (1 - s) r (p - onehot(y)) + ...
 * </pre>
 *
 * <p>The gradient is that of REINFORCE at r = 1 and fades on both sides. log p_old is {@link Column#OLD_LOG_PROB}, A is
 * {@link Column#ADVANTAGE}. No unit.
 *
 * <p>When to use: where hard clips throw away too many tokens. Weakness: a token far off is never quite stopped.
 *
 * @param tauPositive steepness of the gate for positive advantages, above 0; default 1
 * @param tauNegative steepness for the others, above 0; default 1.05, which fades sooner
 * @param beta weight of the KL to the reference in the loss, 0 or above; default 0, none
 * @param kl how it is estimated at the sampled token; default K3
 */
@Doc("SAPO: a soft gate on the ratio in place of the clip")
public record SapoObjective(
        @Doc("steepness of the gate for positive advantages, above 0")
        double tauPositive,

        @Doc("steepness of the gate for negative advantages, above 0")
        double tauNegative,

        @Doc("weight of the KL to the reference in the loss, 0: none")
        double beta,

        @Doc("estimator of that KL") KlForm kl)
        implements RatioObjective {

    /** Steepness 1 and 1.05, no KL. */
    public SapoObjective() {
        this(1, 1.05, 0, KlForm.K3);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public SapoObjective {
        check(tauPositive, "tauPositive");
        check(tauNegative, "tauNegative");
        RatioObjective.check(beta, kl);
    }

    private static void check(double tau, String name) {
        ParameterException.check(tau > 0 && Double.isFinite(tau), name, "must be above 0", tau);
    }

    @Override
    public Aggregation aggregation() {
        return Aggregation.SEQUENCE_MEAN_TOKEN_MEAN;
    }

    @Override
    public Surrogate surrogate(TokenBatch tokens) {
        return t -> {
            double a = tokens.column(Column.ADVANTAGE, t);
            double tau = a > 0 ? tauPositive : tauNegative;
            double d = tokens.logRatio(t, RatioClip.MAX_LOG_RATIO);
            double ratio = Math.exp(d);
            double gate = 1 / (1 + Math.exp(-tau * (ratio - 1)));
            boolean clamped = Math.abs(d) >= RatioClip.MAX_LOG_RATIO;
            double c = clamped ? 0 : 4 * a * gate * (1 - gate) * ratio;
            return new Surrogate.Term(-a * 4 / tau * gate, c, ratio, false);
        };
    }
}
