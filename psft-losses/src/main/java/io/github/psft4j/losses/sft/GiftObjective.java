package io.github.psft4j.losses.sft;

import io.github.psft4j.kernel.DenseStatistics;
import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Gibbs initialisation with finite temperature (GIFT): the target is the reference tilted towards the demonstrated
 * token. Source: arXiv 2601.09233; reference code zzy1127/GIFT at ba91084, without its optional smoothing.
 *
 * <pre>
 * g   = softmax(log(q + 1e-10) + beta onehot(y))
 * L_t = -sum(g log p)                dL_t/dlogits = p - g
 * </pre>
 *
 * <p>q and p are {@code [V]}. g is {@code q + 1e-10} with the entry of y times {@code exp(beta)}, divided by its sum,
 * so it is never built. Unit: nats/token.
 *
 * <p>When to use: before reinforcement learning, with beta small enough to matter. Weakness: at the authors' beta = 20
 * the target is one-hot unless q_y is below about 1e-8. That is SFT with a floor under hopeless tokens. It needs the
 * reference's whole distribution.
 *
 * @param beta tilt, nats, 0 or above; default 20; towards infinity this is SFT
 */
@Doc("GIFT: cross-entropy to the reference tilted towards the demonstrated token")
public record GiftObjective(@Doc("tilt, nats, in [0, 600]") double beta) implements TokenObjective {

    private static final double FLOOR = 1e-10;
    private static final double MAX_BETA = 600; // exp(600) is finite

    /** Tilt 20. */
    public GiftObjective() {
        this(20);
    }

    /** @throws IllegalArgumentException if beta is out of range */
    public GiftObjective {
        ParameterException.check(beta >= 0 && beta <= MAX_BETA, "beta", "must lie in [0, " + MAX_BETA + "]", beta);
    }

    @Override
    public RowNeeds needs() {
        return RowNeeds.REFERENCE;
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        DenseStatistics dense = tokens.dense();
        double vocabulary = tokens.vocabulary();
        double tilt = Math.expm1(beta);
        for (int t = from; t < to; t++) {
            double extra = tilt * (Math.exp(dense.refLogProb()[t]) + FLOOR); // what the tilt adds to the entry of y
            double sum = 1 + vocabulary * FLOOR + extra;
            double onTarget = extra / sum;
            double crossEntropy = dense.forwardKl()[t] + dense.refEntropy()[t]; // -sum(q log p)
            double uniform = -vocabulary * dense.meanLogProb()[t];
            out.set(t, (crossEntropy + FLOOR * uniform) / sum - onTarget * tokens.logProb(t), onTarget);
            out.addSoftmax(t, 1 - onTarget);
            out.addReference(t, -1 / sum);
            out.addUniform(t, -FLOOR / sum);
        }
    }
}
