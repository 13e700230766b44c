package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.KlForm;
import io.github.psft4j.settings.Doc;

/**
 * GRPO: the clipped surrogate with a mean over each sequence's tokens, then over sequences (Shao et al., arXiv
 * 2402.03300). Token formula of {@link PpoClipObjective}; the advantage column holds {@code (R - mean) / (std + 1e-4)}
 * of the prompt's group.
 *
 * <pre>
 * L = mean over sequences of the mean over its tokens of max(-A r, -A clip(r, 1 - epsLow, 1 + epsHigh)) + beta kl
 * </pre>
 *
 * <p>When to use: groups of rollouts per prompt with verified rewards. Weakness: the mean per sequence favours short
 * right answers and long wrong ones; see {@link DrGrpoObjective} and {@link DapoObjective}. Group statistics are the
 * data source's work.
 *
 * @param epsLow lower clip width, in [0, 1]; default 0.2
 * @param epsHigh upper clip width, above 0; default 0.2
 * @param beta weight of the KL to the reference in the loss, 0 or above; default 0, none
 * @param kl how it is estimated at the sampled token; default K3
 */
@Doc("GRPO: PPO clip with a mean per sequence first")
public record GrpoObjective(
        @Doc("lower clip width, in [0, 1]") double epsLow,
        @Doc("upper clip width, above 0") double epsHigh,

        @Doc("weight of the KL to the reference in the loss, 0: none")
        double beta,

        @Doc("estimator of that KL") KlForm kl)
        implements ClippedObjective {

    /** Clip 0.2 below and 0.2 above, no KL. */
    public GrpoObjective() {
        this(0.2, 0.2);
    }

    /** Without a KL to a reference. */
    public GrpoObjective(double epsLow, double epsHigh) {
        this(epsLow, epsHigh, 0, KlForm.K3);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public GrpoObjective {
        ClippedObjective.check(epsLow, epsHigh, beta, kl);
    }

    @Override
    public Aggregation aggregation() {
        return Aggregation.SEQUENCE_MEAN_TOKEN_MEAN;
    }
}
