package io.github.psft4j.losses.sft;

import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Entropy-adaptive fine-tuning: confident tokens that contradict the demonstration weigh little (arXiv 2601.02151;
 * reference code in LLaMA-Factory at ff6d4d1).
 *
 * <pre>
 * h   = entropy of the topK likeliest tokens, renormalised, / normalizer        (normalizer 0: ln topK)
 * L_t = -sg(h^alpha) log p_y                dL_t/dlogits = h^alpha (p - onehot(y))
 * </pre>
 *
 * <p>Unit: nats/token. With ln topK the weight lies in [0, 1]; LLaMA-Factory divides by 3.0 (ln 20 = 2.996), Axolotl by
 * nothing, that is by 1. A vocabulary smaller than topK takes its place.
 *
 * <p>When to use: domain data that contradicts what the model is sure of, and general ability must not suffer.
 * Weakness: a sharp base model learns slowly, since every weight is small.
 *
 * @param alpha exponent, 0 or above; default 1
 * @param topK number of likeliest tokens, at least 2; default 20
 * @param normalizer what the entropy is divided by, 0 for ln topK; default 0
 */
@Doc("EAFT: cross-entropy weighted by the entropy of the policy's likeliest tokens")
public record EaftObjective(
        @Doc("exponent, 0 or above") double alpha,
        @Doc("number of likeliest tokens, at least 2") int topK,

        @Doc("what the entropy is divided by; 0: ln topK, LLaMA-Factory: 3.0, Axolotl: 1")
        double normalizer)
        implements TokenObjective {

    /** Exponent 1, 20 tokens, divided by ln 20. */
    public EaftObjective() {
        this(1, 20, 0);
    }

    /** @throws IllegalArgumentException if a parameter is out of range */
    public EaftObjective {
        ParameterException.check(alpha >= 0, "alpha", "must be 0 or above", alpha);
        ParameterException.check(topK >= 2, "topK", "must be at least 2", topK);
        ParameterException.check(normalizer >= 0, "normalizer", "must be 0 or above", normalizer);
    }

    @Override
    public RowNeeds needs() {
        return RowNeeds.topK(topK);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            double divisor = normalizer > 0
                    ? normalizer
                    : Math.log(Math.max(2, tokens.top().effective(topK)));
            double weight = Math.pow(tokens.top().entropy(t, topK) / divisor, alpha);
            out.set(t, -weight * tokens.logProb(t), weight);
        }
    }
}
