package io.github.psft4j.losses.sft;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;

/**
 * Dynamic fine-tuning: cross-entropy weighted by the probability that the policy gives the token (arXiv 2508.05629, Eq.
 * 9; reference code yongliang-wu/DFT at e153181).
 *
 * <pre>
 * p   = pi_theta(y)
 * L_t = -sg(p) log p                dL_t/dlogits = p (softmax - onehot(y)) = -dp/dlogits
 * </pre>
 *
 * <p>sg is stop-gradient: the weight is a constant of the backward pass, so that the gradient is that of {@code -p} and
 * not of the value. Unit: nats/token. No label column other than the token id, no parameter.
 *
 * <p>What to expect: the value is 10 to 20 times smaller than cross-entropy and lies in [0, 1/e]. It is no measure of
 * progress, since it falls both when p rises above 1/e and when p vanishes. The NLL of the report may rise during
 * training. Users raise the learning rate about tenfold over SFT (the paper: 5e-5, and 2e-5 for an 8B Llama). Tokens
 * with p near 0 get almost no gradient, and single-answer data of low entropy gains little.
 */
@Doc("DFT: cross-entropy weighted by the token's probability, detached")
public record DftObjective() implements TokenObjective {

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            double logProb = tokens.logProb(t);
            double prob = Math.exp(logProb);
            out.set(t, -prob * logProb, prob);
        }
    }
}
