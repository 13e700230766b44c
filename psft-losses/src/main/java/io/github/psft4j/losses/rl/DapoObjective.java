package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.KlForm;
import io.github.psft4j.settings.Doc;

/**
 * DAPO: the clipped surrogate with a wider upper clip and one mean over all tokens (Yu et al., arXiv 2503.14476). Token
 * formula of {@link PpoClipObjective}; the advantage column is that of {@link GrpoObjective}.
 *
 * <pre>
 * L = mean over the tokens of an optimizer step of max(-A r, -A clip(r, 1 - epsLow, 1 + epsHigh)) + beta kl
 * </pre>
 *
 * <p>When to use: as GRPO, for long answers. The wider upper clip lets rare tokens grow. Weakness: long answers weigh
 * more. Dynamic sampling, which replaces groups of equal reward, is the source's work, and so are soft punishments of
 * length.
 *
 * @param epsLow lower clip width, in [0, 1]; default 0.2
 * @param epsHigh upper clip width, above 0; default 0.28
 * @param beta weight of the KL to the reference in the loss, 0 or above; default 0, none
 * @param kl how it is estimated at the sampled token; default K3
 */
@Doc("DAPO: PPO clip with clip-higher and a mean over all tokens")
public record DapoObjective(
        @Doc("lower clip width, in [0, 1]") double epsLow,
        @Doc("upper clip width, above 0") double epsHigh,

        @Doc("weight of the KL to the reference in the loss, 0: none")
        double beta,

        @Doc("estimator of that KL") KlForm kl)
        implements ClippedObjective {

    /** Clip 0.2 below and 0.28 above, no KL. */
    public DapoObjective() {
        this(0.2, 0.28);
    }

    /** Without a KL to a reference. */
    public DapoObjective(double epsLow, double epsHigh) {
        this(epsLow, epsHigh, 0, KlForm.K3);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public DapoObjective {
        ClippedObjective.check(epsLow, epsHigh, beta, kl);
    }
}
