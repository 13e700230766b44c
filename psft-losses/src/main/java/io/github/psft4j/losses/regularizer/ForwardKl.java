package io.github.psft4j.losses.regularizer;

import io.github.psft4j.loss.ReferenceTop;
import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Forward divergence to a frozen reference over the whole vocabulary, to be added to another objective:
 * {@code psft.plus(0.05, new ForwardKl())}.
 *
 * <pre>
 * L_t = KL(q || p) = sum(q (log q - log p))                dL_t/dlogits = p - q
 * </pre>
 *
 * <p>p is the policy, q the reference, both {@code [V]}. With topK = k above 0 the tokens outside the reference's k
 * likeliest are one bucket. The result is {@code KL} of k + 1 probabilities, a lower bound on the whole. Masses of the
 * bucket below 1e-8 count as that. Unit: nats/token.
 *
 * <p>When to use: to keep the policy from giving up anything that the reference does: mass-covering. Weakness: it costs
 * a forward pass of the reference and a second row of logits per token. It pulls up tokens that the reference finds
 * likely, however useless they are.
 *
 * @param topK number of the reference's likeliest tokens that are kept apart, 0 for the whole vocabulary; default 0
 */
@Doc("forward KL to the reference over the vocabulary, or its top k and a tail bucket")
public record ForwardKl(
        @Doc("likeliest tokens of the reference that are kept apart; 0: the whole vocabulary")
        int topK) implements TokenObjective {

    private static final double TAIL_FLOOR = 1e-8;

    /** The whole vocabulary. */
    public ForwardKl() {
        this(0);
    }

    /** @throws IllegalArgumentException if topK is negative */
    public ForwardKl {
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
                out.set(t, tokens.dense().forwardKl()[t], 0);
                out.addSoftmax(t, 1);
                out.addReference(t, -1);
            }
        }
    }

    private void bucketed(TokenBatch tokens, TokenTerms out, int t) {
        ReferenceTop top = tokens.referenceTop();
        int k = top.effective(topK);
        double loss = 0;
        double mass = 0;
        double refMass = 0;
        for (int j = 0; j < k; j++) {
            double q = Math.exp(top.refLogProb(t, j));
            loss += q == 0 ? 0 : q * (top.refLogProb(t, j) - top.logProb(t, j));
            mass += Math.exp(top.logProb(t, j));
            refMass += q;
            out.addReferenceTop(t, j, -q);
        }
        double tail = Math.max(TAIL_FLOOR, 1 - mass);
        double refTail = Math.max(0, 1 - refMass);
        double pull = tail > TAIL_FLOOR ? refTail / tail : 0; // -dL/dtail; the floor is a constant
        loss += refTail > 0 ? refTail * Math.log(refTail / tail) : 0;
        out.set(t, loss, 0);
        // Tail: (refMass + refTail) p - pull p. Top: p - q, so what the tail's factor lacks is added there.
        double factor = tail > TAIL_FLOOR ? refMass + refTail - pull : refMass;
        out.addSoftmax(t, factor);
        for (int j = 0; j < k; j++) {
            out.addReferenceTop(t, j, pull * Math.exp(top.logProb(t, j)));
        }
    }
}
