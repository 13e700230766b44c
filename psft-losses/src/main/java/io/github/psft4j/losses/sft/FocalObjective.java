package io.github.psft4j.losses.sft;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Focal loss: easy tokens fade out (Lin et al., arXiv 1708.02002, per token of a language model).
 *
 * <pre>
 * L_t = -(1 - p_y)^gamma log p_y
 * dL_t/dlogits = ((1 - p_y)^gamma - gamma p_y (1 - p_y)^(gamma - 1) log p_y) (p - onehot(y))
 * </pre>
 *
 * <p>p_y is not detached. Unit: nats/token.
 *
 * <p>When to use: as the opposite of DFT in a comparison. Weakness: it spends the gradient on the tokens that the model
 * finds least likely, noise included, which is what the other relatives of PSFT avoid.
 *
 * @param gamma focus, 0 (SFT) or at least 1; default 2
 */
@Doc("focal loss: cross-entropy with likely tokens faded out")
public record FocalObjective(
        @Doc("focus, 0 (SFT) or at least 1") double gamma) implements TokenObjective {

    /** Focus 2. */
    public FocalObjective() {
        this(2);
    }

    /**
     * @throws IllegalArgumentException if gamma is neither 0 nor at least 1: between them the gradient grows without
     *     bound towards p = 1
     */
    public FocalObjective {
        ParameterException.check(gamma == 0 || gamma >= 1, "gamma", "must be 0 or at least 1", gamma);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            double logProb = tokens.logProb(t);
            double rest = -Math.expm1(Math.min(0, logProb)); // 1 - p without cancellation
            double faded = Math.pow(rest, gamma);
            double slope = gamma == 0 ? 0 : gamma * Math.exp(logProb) * Math.pow(rest, gamma - 1) * logProb;
            out.set(t, -faded * logProb, faded - slope);
        }
    }
}
