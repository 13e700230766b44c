package io.github.psft4j.reward.function;

import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardSettings;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;

/**
 * DAPO's soft punishment of long completions (arXiv 2503.14476, eq. 13). For n tokens: 0 up to {@code maxLength -
 * buffer}, then {@code (maxLength - buffer - n) / buffer}, and -1 beyond {@code maxLength}.
 *
 * @param maxLength tokens at which the punishment is full, positive
 * @param buffer last tokens over which it grows, positive and at most {@code maxLength}
 */
@Doc("DAPO's soft punishment of long completions: 0 to -1 over the last tokens of the limit.")
public record OverlongReward(
        @Doc("Tokens at which the punishment is full.") @Value(range = "> 0")
        int maxLength,

        @Doc("Last tokens of the limit, over which the punishment grows.") @Value(range = "> 0")
        int buffer)
        implements RewardSettings {

    /** Refuses values out of range. */
    public OverlongReward {
        Setting.check(OverlongReward.class, maxLength, buffer);
        ParameterException.check(buffer <= maxLength, "buffer", "must be at most max_length = " + maxLength, buffer);
    }

    @Override
    public RewardFunction create() {
        return samples ->
                samples.stream().map(s -> RewardValue.of(value(s.tokens()))).toList();
    }

    private double value(int tokens) {
        int free = maxLength - buffer;
        return tokens <= free ? 0 : tokens > maxLength ? -1 : (free - tokens) / (double) buffer;
    }
}
