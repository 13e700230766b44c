package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.KlForm;
import io.github.psft4j.settings.Doc;

/**
 * BNPO: the clipped surrogate with one mean over all tokens; the formula of {@link DapoObjective} with GRPO's clip. TRL
 * takes that mean per micro-batch, so that its result depends on the split. Here it covers the optimizer step.
 *
 * <pre>
 * L = mean over the tokens of an optimizer step of max(-A r, -A clip(r, 1 - epsLow, 1 + epsHigh)) + beta kl
 * </pre>
 *
 * <p>When to use: to repeat a run of TRL's {@code loss_type="bnpo"} with one micro-batch. Weakness: that of DAPO.
 *
 * @param epsLow lower clip width, in [0, 1]; default 0.2
 * @param epsHigh upper clip width, above 0; default 0.2
 * @param beta weight of the KL to the reference in the loss, 0 or above; default 0, none
 * @param kl how it is estimated at the sampled token; default K3
 */
@Doc("BNPO: PPO clip with a mean over all tokens of the step")
public record BnpoObjective(
        @Doc("lower clip width, in [0, 1]") double epsLow,
        @Doc("upper clip width, above 0") double epsHigh,

        @Doc("weight of the KL to the reference in the loss, 0: none")
        double beta,

        @Doc("estimator of that KL") KlForm kl)
        implements ClippedObjective {

    /** Clip 0.2 below and 0.2 above, no KL. */
    public BnpoObjective() {
        this(0.2, 0.2);
    }

    /** Without a KL to a reference. */
    public BnpoObjective(double epsLow, double epsHigh) {
        this(epsLow, epsHigh, 0, KlForm.K3);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public BnpoObjective {
        ClippedObjective.check(epsLow, epsHigh, beta, kl);
    }
}
