package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.KlForm;
import io.github.psft4j.settings.Doc;

/**
 * REINFORCE++: the clipped surrogate with advantages that are normalised over all tokens of the batch (Hu, arXiv
 * 2501.03262). Token formula of {@link PpoClipObjective}. The advantage column holds the whitened reward to go, with
 * the KL to the reference inside the reward of every token.
 *
 * <pre>
 * L = mean over the tokens of an optimizer step of max(-A r, -A clip(r, 1 - epsLow, 1 + epsHigh)) + beta kl
 * </pre>
 *
 * <p>When to use: one or few samples per prompt, where a group has no statistics. Weakness: prompts of different
 * difficulty share one mean.
 *
 * @param epsLow lower clip width, in [0, 1]; default 0.2
 * @param epsHigh upper clip width, above 0; default 0.2
 * @param beta weight of the KL to the reference in the loss, 0 or above; default 0, none
 * @param kl how it is estimated at the sampled token; default K3
 */
@Doc("REINFORCE++: PPO clip with advantages normalised over all tokens of the batch")
public record ReinforcePlusPlusObjective(
        @Doc("lower clip width, in [0, 1]") double epsLow,
        @Doc("upper clip width, above 0") double epsHigh,

        @Doc("weight of the KL to the reference in the loss, 0: none")
        double beta,

        @Doc("estimator of that KL") KlForm kl)
        implements ClippedObjective {

    /** Clip 0.2 below and 0.2 above, no KL. */
    public ReinforcePlusPlusObjective() {
        this(0.2, 0.2);
    }

    /** Without a KL to a reference. */
    public ReinforcePlusPlusObjective(double epsLow, double epsHigh) {
        this(epsLow, epsHigh, 0, KlForm.K3);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public ReinforcePlusPlusObjective {
        ClippedObjective.check(epsLow, epsHigh, beta, kl);
    }
}
