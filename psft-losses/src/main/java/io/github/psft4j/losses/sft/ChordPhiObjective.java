package io.github.psft4j.losses.sft;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;

/**
 * The token weighting of CHORD: tokens of medium probability teach most (reference code modelscope/ms-swift at
 * 3602360).
 *
 * <pre>
 * L_t = -sg(p_y (1 - p_y)) log p_y                dL_t/dlogits = p_y (1 - p_y) (p - onehot(y))
 * </pre>
 *
 * <p>Unit: nats/token; the weight is at most 1/4, so use a higher learning rate than for SFT.
 *
 * <p>When to use: expert data together with reinforcement learning, with a weight that falls over time. Weakness:
 * neither known nor unknown tokens teach anything.
 */
@Doc("CHORD-phi: cross-entropy weighted by p (1 - p), detached")
public record ChordPhiObjective() implements TokenObjective {

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            double prob = Math.exp(tokens.logProb(t));
            double weight = prob * (1 - prob);
            out.set(t, -weight * tokens.logProb(t), weight);
        }
    }
}
