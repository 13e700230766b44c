package io.github.psft4j.losses.sft;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Importance-weighted supervised fine-tuning with one weight per sequence (Qin and Springenberg, arXiv 2507.12856;
 * reference code emmyqin/iw_sft at 9a3e4e4, the mode that its results use).
 *
 * <pre>
 * w   = min(exp(temperature mean over the sequence of (log p_y - log q_y)), maxWeight)
 * L_t = -sg(w) log p_y                dL_t/dlogits = w (p - onehot(y))
 * </pre>
 *
 * <p>log q_y is {@link Column#REF_LOG_PROB}, the token's log-prob under a frozen reference. The mean is over the
 * trained tokens of the token's sequence, so w is a geometric mean of ratios. Unit: nats/token.
 *
 * <p>When to use: curated demonstrations that deserve a tighter bound on the reward than plain SFT gives. Weakness: w
 * is 1 at the reference, so the first steps are SFT. Sequences that the policy already likes get heavier, so entropy
 * falls.
 *
 * @param temperature factor on the mean log-ratio, above 0; default 1 (the code's call)
 * @param maxWeight largest weight, above 0; default 16
 */
@Doc("iw-SFT: cross-entropy weighted by the sequence's length-normalised ratio to the reference")
public record IwSftSequenceObjective(
        @Doc("factor on the mean log-ratio, above 0") double temperature,
        @Doc("largest weight, above 0") double maxWeight)
        implements TokenObjective {

    /** Temperature 1, weights up to 16. */
    public IwSftSequenceObjective() {
        this(1, 16);
    }

    /** @throws IllegalArgumentException if a parameter is not above 0 */
    public IwSftSequenceObjective {
        ParameterException.check(temperature > 0, "temperature", "must be above 0", temperature);
        ParameterException.check(maxWeight > 0, "maxWeight", "must be above 0", maxWeight);
    }

    @Override
    public Set<Column> columns() {
        return EnumSet.of(Column.REF_LOG_PROB);
    }

    @Override
    public Scope scope() {
        return Scope.SEQUENCE;
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        double[] sums = tokens.sequenceSums(tokens::refLogRatio);
        int[] lengths = tokens.sequenceLengths();
        for (int t = from; t < to; t++) {
            int s = tokens.sequence(t);
            double weight = Math.min(maxWeight, Math.exp(temperature * sums[s] / lengths[s]));
            out.set(t, -weight * tokens.logProb(t), weight);
        }
    }
}
