package io.github.psft4j.losses.regularizer;

import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;

/**
 * Penalty on the softmax normaliser, to be added to another objective: {@code sft.plus(1e-4, new ZLoss())} (Chowdhery
 * et al., arXiv 2204.02311).
 *
 * <pre>
 * L_t = lse²                dL_t/dlogits = 2 lse p                lse = log(sum(exp(logits)))
 * </pre>
 *
 * <p>p is {@code [V]}. Unit: nats². The one objective here whose gradient does not sum to 0 over the logits, because
 * its value changes when a constant is added to them.
 *
 * <p>When to use: training in low precision, where logits drift. Weakness: none of note at weights about 1e-4; it does
 * nothing for what the model says.
 */
@Doc("z-loss: squared log of the softmax normaliser")
public record ZLoss() implements TokenObjective {

    @Override
    public RowNeeds needs() {
        return RowNeeds.DENSE;
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            double lse = tokens.logSumExp(t);
            out.set(t, lse * lse, 0);
            out.addSoftmax(t, 2 * lse);
        }
    }
}
