package io.github.psft4j.losses.sft;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Trust-region supervised fine-tuning, the expert part of TRAPO (arXiv 2512.17636; reference code Su-my/TRAPO at
 * 982cb8f).
 *
 * <pre>
 * L_t = -p_y / sg(max(p_y, alpha))                dL_t/dlogits = min(1, p_y / alpha) (p - onehot(y))
 * </pre>
 *
 * <p>The value is -1 wherever {@code p_y >= alpha}: watch the NLL. It is SFT for likely tokens and DFT / alpha for
 * unlikely ones. No unit.
 *
 * <p>When to use: demonstrations mixed into reinforcement learning, where tokens far from the policy must not dominate.
 * Weakness: like DFT it hardly teaches tokens of probability near 0.
 *
 * @param alpha probability from which a token counts fully, in (0, 1]; default 0.1
 */
@Doc("TrSFT: SFT for likely tokens, fading linearly below a probability")
public record TrsftObjective(
        @Doc("probability from which a token counts fully, in (0, 1]")
        double alpha) implements TokenObjective {

    /** Fading below 0.1. */
    public TrsftObjective() {
        this(0.1);
    }

    /** @throws IllegalArgumentException if alpha is outside (0, 1] */
    public TrsftObjective {
        ParameterException.check(alpha > 0 && alpha <= 1, "alpha", "must lie in (0, 1]", alpha);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            double weight = Math.min(1, Math.exp(tokens.logProb(t)) / alpha);
            out.set(t, -weight, weight);
        }
    }
}
