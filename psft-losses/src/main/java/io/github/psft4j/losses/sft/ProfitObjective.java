package io.github.psft4j.losses.sft;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Probability-guided token selection: cross-entropy of those tokens alone that the policy finds likely enough (arXiv
 * 2601.09195; reference code Utaotao/ProFit at 92529ff).
 *
 * <pre>
 * keep = p_y >= threshold (HIGHER) or p_y &lt; threshold (LOWER)
 * L_t  = -keep log p_y                dL_t/dlogits = keep (p - onehot(y))
 * </pre>
 *
 * <p>Unit: nats/token. The denominator of the aggregation still counts all trained tokens.
 *
 * <p>When to use: demonstrations in a foreign wording whose rare tokens are noise. Weakness: what the model finds
 * unlikely it never learns, and nothing brings such tokens above the threshold but the others.
 *
 * @param threshold on the probability of the token, in [0, 1]; default 0.1
 * @param direction which side is trained; default HIGHER
 */
@Doc("ProFiT: cross-entropy of the tokens whose probability reaches a threshold")
public record ProfitObjective(
        @Doc("bound on the token's probability, in [0, 1]") double threshold,
        @Doc("which side of it is trained") Direction direction)
        implements TokenObjective {

    /** Side of the threshold that is trained. */
    public enum Direction {
        /** Likely tokens. */
        HIGHER,
        /** Unlikely tokens. */
        LOWER
    }

    /** Tokens of probability 0.1 and above. */
    public ProfitObjective() {
        this(0.1, Direction.HIGHER);
    }

    /** @throws IllegalArgumentException if the threshold is no probability */
    public ProfitObjective {
        ParameterException.check(threshold >= 0 && threshold <= 1, "threshold", "must lie in [0, 1]", threshold);
        ParameterException.check(direction != null, "direction", "must be HIGHER or LOWER", direction);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            boolean high = Math.exp(tokens.logProb(t)) >= threshold;
            double keep = high == (direction == Direction.HIGHER) ? 1 : 0;
            out.set(t, -keep * tokens.logProb(t), keep);
        }
    }
}
