package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.KlForm;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.settings.Doc;

/**
 * GSPO: the clipped surrogate with one ratio per sequence, the geometric mean of its tokens' ratios (Zheng et al.,
 * arXiv 2507.18071).
 *
 * <pre>
 * s   = exp(mean over the sequence of (log p_y - log p_old))
 * L   = mean over sequences of max(-A s, -A clip(s, 1 - epsLow, 1 + epsHigh)), spread evenly over its tokens
 * dL_t/dlogits = A s [active] (p - onehot(y)) + ...
 * </pre>
 *
 * <p>log p_old is {@link Column#OLD_LOG_PROB}; A is the mean of {@link Column#ADVANTAGE} over the sequence, which is
 * one value per sequence in GSPO. No unit. A KL in the loss is one of tokens; {@link KlForm#K3_RATIO} takes the
 * sequence's ratio, and its gradient goes through all tokens of the sequence, as in TRL.
 *
 * <p>When to use: mixture-of-experts policies and long answers, where token ratios are noise. Weakness: one outlier
 * token clips a whole sequence; its clip widths are three orders smaller than PPO's.
 *
 * @param epsLow lower clip width, in [0, 1]; default 3e-4
 * @param epsHigh upper clip width, above 0; default 4e-4
 * @param beta weight of the KL to the reference in the loss, 0 or above; default 0, none
 * @param kl how it is estimated at the sampled token; default K3
 */
@Doc("GSPO: PPO clip with one length-normalised ratio per sequence")
public record GspoObjective(
        @Doc("lower clip width, in [0, 1]") double epsLow,
        @Doc("upper clip width, above 0") double epsHigh,

        @Doc("weight of the KL to the reference in the loss, 0: none")
        double beta,

        @Doc("estimator of that KL") KlForm kl)
        implements ClippedObjective {

    /** Clip 3e-4 below, 4e-4 above, no KL. */
    public GspoObjective() {
        this(3e-4, 4e-4);
    }

    /** Without a KL to a reference. */
    public GspoObjective(double epsLow, double epsHigh) {
        this(epsLow, epsHigh, 0, KlForm.K3);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public GspoObjective {
        ClippedObjective.check(epsLow, epsHigh, beta, kl);
    }

    @Override
    public Scope scope() {
        return Scope.SEQUENCE;
    }

    @Override
    public Aggregation aggregation() {
        return Aggregation.SEQUENCE_MEAN_TOKEN_MEAN;
    }

    @Override
    public Surrogate surrogate(TokenBatch tokens) {
        SequenceRatios sequences = new SequenceRatios(tokens);
        RatioClip clip = clip();
        return new Surrogate() {
            @Override
            public Term at(int t) {
                int s = tokens.sequence(t);
                return clip.term(sequences.mean(s), sequences.advantage(s));
            }

            @Override
            public SequenceRatios sequences() {
                return sequences;
            }
        };
    }
}
