package io.github.psft4j.loss;

import io.github.psft4j.settings.Doc;

/**
 * Supervised fine-tuning: cross-entropy of the demonstrated token.
 *
 * <pre>
 * L_t = -log p_y                dL_t/dlogits = softmax - onehot(y)
 * </pre>
 *
 * <p>Unit: nats/token. Needs no label column except the token id.
 */
@Doc("SFT: cross-entropy of the demonstrated token")
public record SftObjective() implements TokenObjective {

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            out.set(t, -tokens.logProb(t), 1);
        }
    }
}
