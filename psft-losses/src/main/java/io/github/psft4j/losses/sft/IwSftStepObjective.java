package io.github.psft4j.losses.sft;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Importance-weighted supervised fine-tuning with one weight per token (Qin and Springenberg, arXiv 2507.12856;
 * reference code emmyqin/iw_sft at 9a3e4e4, step mode).
 *
 * <pre>
 * w_t = clamp(exp(log p_y - log q_y), minWeight, maxWeight)
 * L_t = -sg(w_t) log p_y                dL_t/dlogits = w_t (p - onehot(y))
 * </pre>
 *
 * <p>log q_y is {@link Column#REF_LOG_PROB}. Unit: nats/token.
 *
 * <p>When to use: as the sequence form, where single tokens need weights of their own. Weakness: tokens that the policy
 * has come to like weigh up to nine times those that it has come to dislike, which sharpens it.
 *
 * @param minWeight smallest weight, 0 or above; default 0.2
 * @param maxWeight largest weight, at least minWeight; default 1.8
 */
@Doc("iw-SFT: cross-entropy weighted by the token's clamped ratio to the reference")
public record IwSftStepObjective(
        @Doc("smallest weight, 0 or above") double minWeight,
        @Doc("largest weight, at least minWeight") double maxWeight)
        implements TokenObjective {

    /** Weights in [0.2, 1.8]. */
    public IwSftStepObjective() {
        this(0.2, 1.8);
    }

    /** @throws IllegalArgumentException if the range is empty or negative */
    public IwSftStepObjective {
        ParameterException.check(minWeight >= 0, "minWeight", "must be 0 or above", minWeight);
        if (!(maxWeight >= minWeight)) {
            throw new ParameterException(
                    "maxWeight", "must obey minWeight <= maxWeight, were " + minWeight + " and " + maxWeight);
        }
    }

    @Override
    public Set<Column> columns() {
        return EnumSet.of(Column.REF_LOG_PROB);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            double weight = Math.max(minWeight, Math.min(maxWeight, Math.exp(tokens.refLogRatio(t))));
            out.set(t, -weight * tokens.logProb(t), weight);
        }
    }
}
