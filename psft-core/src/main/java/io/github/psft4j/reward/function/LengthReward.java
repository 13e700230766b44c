package io.github.psft4j.reward.function;

import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardSettings;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;

/**
 * Distance from a wanted length: {@code -min(1, max(0, |n - target| - slack) / target)} for n tokens.
 *
 * @param target wanted number of tokens, positive
 * @param slack tokens more or less that cost nothing, &gt;= 0
 */
@Doc("Distance from a wanted length: -min(1, max(0, |n - target| - slack) / target) for n tokens.")
public record LengthReward(
        @Doc("Wanted number of tokens.") @Value(range = "> 0")
        int target,

        @Doc("Tokens more or less that cost nothing.") @Value(initial = "0", range = ">= 0")
        int slack)
        implements RewardSettings {

    /** Refuses values out of range. */
    public LengthReward {
        Setting.check(LengthReward.class, target, slack);
    }

    @Override
    public RewardFunction create() {
        return samples -> samples.stream()
                .map(s -> {
                    double off = Math.max(0.0, Math.abs((double) s.tokens() - target) - slack);
                    return RewardValue.of(off == 0 ? 0 : -Math.min(1, off / target));
                })
                .toList();
    }
}
