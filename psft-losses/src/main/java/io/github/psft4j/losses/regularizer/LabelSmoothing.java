package io.github.psft4j.losses.regularizer;

import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Cross-entropy to a target that gives the other tokens a share (Szegedy et al., arXiv 1512.00567).
 *
 * <pre>
 * L_t = -(1 - s) log p_y - s mean(log p)                dL_t/dlogits = p - (1 - s) onehot(y) - s / V
 * </pre>
 *
 * <p>p is {@code [V]}, s the smoothing. Unit: nats/token. Every token of the vocabulary gets s / V, the target too.
 *
 * <p>When to use: small closed vocabularies. Weakness: with a vocabulary of a language model, tokens that no context
 * allows dominate the mean, and it pulls up their log-probs. A logit of minus infinity makes the value 1e5 s / V larger
 * per such token instead of infinite. Hugging Face's version divides by the micro-batch's own tokens, this one by the
 * window's.
 *
 * @param smoothing share s, in [0, 1); default 0.1
 */
@Doc("cross-entropy with a share of the target spread over the vocabulary")
public record LabelSmoothing(
        @Doc("share spread over the vocabulary, in [0, 1)") double smoothing) implements TokenObjective {

    /** Share 0.1. */
    public LabelSmoothing() {
        this(0.1);
    }

    /** @throws IllegalArgumentException if the share is outside [0, 1) */
    public LabelSmoothing {
        ParameterException.check(smoothing >= 0 && smoothing < 1, "smoothing", "must lie in [0, 1)", smoothing);
    }

    @Override
    public RowNeeds needs() {
        return RowNeeds.DENSE;
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        double kept = 1 - smoothing;
        for (int t = from; t < to; t++) {
            double loss = -kept * tokens.logProb(t) - smoothing * tokens.dense().meanLogProb()[t];
            out.set(t, loss, kept);
            out.addSoftmax(t, smoothing);
            out.addUniform(t, -smoothing / tokens.vocabulary());
        }
    }
}
