package io.github.psft4j.losses.sft;

import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Anchored supervised fine-tuning: DFT plus a forward divergence to the base model over the whole vocabulary (arXiv
 * 2509.23753; reference code zhuchichi56/ASFT at 6f6f51c).
 *
 * <pre>
 * L_t = -sg(p_y) log p_y + klWeight sum(q (log q - log p))
 * dL_t/dlogits = p_y (p - onehot(y)) + klWeight (p - q)
 * </pre>
 *
 * <p>p and q are the distributions of policy and frozen reference at the token, {@code [V]}. Unit: nats/token.
 *
 * <p>When to use: where DFT drifts away from what the base model can do. Weakness: a second forward pass and a second
 * row of logits per token; the weight does not transfer to the sampled estimators k1 to k3.
 *
 * @param klWeight weight of the divergence, 0 or above; default 0.05 (paper; the code's function default is 0.1)
 */
@Doc("ASFT: DFT plus forward KL to the reference over the whole vocabulary")
public record AsftObjective(
        @Doc("weight of the divergence, 0 or above") double klWeight) implements TokenObjective {

    /** Weight 0.05. */
    public AsftObjective() {
        this(0.05);
    }

    /** @throws IllegalArgumentException if the weight is negative or not a number */
    public AsftObjective {
        ParameterException.check(klWeight >= 0, "klWeight", "must be 0 or above", klWeight);
    }

    @Override
    public RowNeeds needs() {
        return RowNeeds.REFERENCE;
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            double prob = Math.exp(tokens.logProb(t));
            out.set(t, -prob * tokens.logProb(t) + klWeight * tokens.dense().forwardKl()[t], prob);
            out.addSoftmax(t, klWeight);
            out.addReference(t, -klWeight);
        }
    }
}
