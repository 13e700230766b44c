package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.KlForm;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Dr.&nbsp;GRPO: the clipped surrogate summed over tokens and divided by one constant length, which favours neither
 * long nor short answers. Source: Liu et al., arXiv 2503.20783. The token formula is that of {@link PpoClipObjective}.
 * The advantage column holds {@code R - mean} of the prompt's group, without a standard deviation.
 *
 * <pre>
 * L = mean over sequences of the sum over its tokens of (max(-A r, -A clip(r, 1 - epsLow, 1 + epsHigh)) + beta kl)
 *     / maxLength
 * </pre>
 *
 * <p>When to use: as GRPO, without its length bias. Weakness: maxLength is part of the learning rate.
 *
 * @param epsLow lower clip width, in [0, 1]; default 0.2
 * @param epsHigh upper clip width, above 0; default 0.2
 * @param maxLength constant length, tokens, positive; default 1024
 * @param beta weight of the KL to the reference in the loss, 0 or above; default 0, none
 * @param kl how it is estimated at the sampled token; default K3
 */
@Doc("Dr. GRPO: PPO clip summed over tokens and divided by a constant length")
public record DrGrpoObjective(
        @Doc("lower clip width, in [0, 1]") double epsLow,
        @Doc("upper clip width, above 0") double epsHigh,
        @Doc("constant length, tokens, positive") int maxLength,

        @Doc("weight of the KL to the reference in the loss, 0: none")
        double beta,

        @Doc("estimator of that KL") KlForm kl)
        implements ClippedObjective {

    /** Clip 0.2 below and 0.2 above, length 1024, no KL. */
    public DrGrpoObjective() {
        this(0.2, 0.2, 1024);
    }

    /** Without a KL to a reference. */
    public DrGrpoObjective(double epsLow, double epsHigh, int maxLength) {
        this(epsLow, epsHigh, maxLength, 0, KlForm.K3);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public DrGrpoObjective {
        ClippedObjective.check(epsLow, epsHigh, beta, kl);
        ParameterException.check(maxLength >= 1, "maxLength", "must be positive", maxLength);
    }

    @Override
    public Aggregation aggregation() {
        return Aggregation.SEQUENCE_MEAN_TOKEN_SUM;
    }

    @Override
    public double scale() {
        return 1.0 / maxLength;
    }
}
