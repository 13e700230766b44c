package io.github.psft4j.losses.regularizer;

import io.github.psft4j.loss.ReferenceTop;
import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Reverse divergence to a frozen reference over the whole vocabulary, to be added to another objective:
 * {@code psft.plus(0.05, new ReverseKl())}.
 *
 * <pre>
 * L_t = KL(p || q) = sum(p (log p - log q))                dL_t/dlogits = p (log p - log q - L_t)
 * </pre>
 *
 * <p>p is the policy, q the reference, both {@code [V]}. With topK = k above 0 the tokens outside the reference's k
 * likeliest are one bucket. The result is {@code KL} of k + 1 probabilities, a lower bound on the whole. Masses of the
 * bucket below 1e-8 count as that. Unit: nats/token.
 *
 * <p>When to use: to keep the policy from doing anything that the reference does not: mode-seeking. Weakness: it costs
 * a forward pass of the reference and a second row of logits per token. Modes of the reference that the policy has lost
 * give no gradient. ASFT's ablation prefers the forward form.
 *
 * @param topK number of the reference's likeliest tokens that are kept apart, 0 for the whole vocabulary; default 0
 */
@Doc("reverse KL to the reference over the vocabulary, or its top k and a tail bucket")
public record ReverseKl(
        @Doc("likeliest tokens of the reference that are kept apart; 0: the whole vocabulary")
        int topK) implements TokenObjective {

    private static final double TAIL_FLOOR = 1e-8;

    /** The whole vocabulary. */
    public ReverseKl() {
        this(0);
    }

    /** @throws IllegalArgumentException if topK is negative */
    public ReverseKl {
        ParameterException.check(topK >= 0, "topK", "must be 0 (whole vocabulary) or above", topK);
    }

    @Override
    public RowNeeds needs() {
        return topK == 0 ? RowNeeds.REFERENCE : RowNeeds.referenceTopK(topK);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            if (topK > 0) {
                bucketed(tokens, out, t);
            } else {
                add(tokens, out, t, 1);
            }
        }
    }

    /** Adds weight times the divergence over the whole vocabulary to token t of an objective that needs both rows. */
    public static void add(TokenBatch tokens, TokenTerms out, int t, double weight) {
        double divergence = tokens.dense().reverseKl()[t];
        out.set(t, weight * divergence, 0);
        out.addSoftmax(t, -weight * divergence);
        out.addSoftmaxLog(t, weight);
        out.addSoftmaxLogReference(t, -weight);
    }

    private void bucketed(TokenBatch tokens, TokenTerms out, int t) {
        ReferenceTop top = tokens.referenceTop();
        int k = top.effective(topK);
        double loss = 0;
        double mass = 0;
        double refMass = 0;
        for (int j = 0; j < k; j++) {
            double p = Math.exp(top.logProb(t, j));
            loss += p == 0 ? 0 : p * (top.logProb(t, j) - top.refLogProb(t, j));
            mass += p;
            refMass += Math.exp(top.refLogProb(t, j));
        }
        double tail = Math.max(0, 1 - mass);
        double refTail = Math.max(TAIL_FLOOR, 1 - refMass);
        double tailLog = tail > TAIL_FLOOR ? Math.log(tail / refTail) : 0; // a policy without a tail has no pull there
        loss += tail > TAIL_FLOOR ? tail * tailLog : 0;
        out.set(t, loss, 0);
        out.addSoftmax(t, tailLog - loss);
        for (int j = 0; j < k; j++) {
            double p = Math.exp(top.logProb(t, j));
            double difference = top.logProb(t, j) - top.refLogProb(t, j) - tailLog;
            out.addReferenceTop(t, j, p == 0 ? 0 : p * difference);
        }
    }
}
