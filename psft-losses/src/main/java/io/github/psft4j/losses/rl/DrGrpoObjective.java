package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Dr.&nbsp;GRPO: the clipped surrogate summed over tokens and divided by one constant length, which favours neither
 * long nor short answers. Source: Liu et al., arXiv 2503.20783. The token formula is that of {@link PpoClipObjective}.
 * The advantage column holds {@code R - mean} of the prompt's group, without a standard deviation.
 *
 * <pre>
 * L = mean over sequences of (sum over its tokens of max(-A r, -A clip(r, 1 - epsLow, 1 + epsHigh))) / maxLength
 * </pre>
 *
 * <p>When to use: as GRPO, without its length bias. Weakness: maxLength is part of the learning rate.
 *
 * @param epsLow lower clip width, in [0, 1]; default 0.2
 * @param epsHigh upper clip width, above 0; default 0.2
 * @param maxLength constant length, tokens, positive; default 1024
 */
@Doc("Dr. GRPO: PPO clip summed over tokens and divided by a constant length")
public record DrGrpoObjective(
        @Doc("lower clip width, in [0, 1]") double epsLow,
        @Doc("upper clip width, above 0") double epsHigh,
        @Doc("constant length, tokens, positive") int maxLength)
        implements RatioObjective {

    /** Clip 0.2 on both sides, length 1024. */
    public DrGrpoObjective() {
        this(0.2, 0.2, 1024);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public DrGrpoObjective {
        new ClippedSurrogate(epsLow, epsHigh);
        ParameterException.check(maxLength >= 1, "maxLength", "must be positive", maxLength);
    }

    @Override
    public Aggregation aggregation() {
        return Aggregation.SEQUENCE_MEAN_TOKEN_SUM;
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        new ClippedSurrogate(epsLow, epsHigh).evaluate(tokens, out, from, to, 1.0 / maxLength);
    }
}
