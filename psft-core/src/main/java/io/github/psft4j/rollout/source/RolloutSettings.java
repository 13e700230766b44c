package io.github.psft4j.rollout.source;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;

/** How a generation batch is trained. */
public record RolloutSettings(
        @Doc("Times that a generation batch is trained; pi_old is taken once, before the first.")
        @Value(initial = "1", range = ">= 1")
        int iterations,

        @Doc("What becomes of completions that the limit of tokens cut off: masked counts as TRL does.")
        @Value(initial = "dropped")
        Truncated truncated,

        @Doc("What becomes of groups whose rewards are all equal.") @Value(initial = "kept")
        EqualGroups equalGroups,

        @Doc("Taken from the reward of a completion that does not end with an end-of-sequence token, 0 for nothing.")
        @Value(initial = "0", range = ">= 0")
        double missingEosPenalty) {

    /** One pass, truncated completions dropped, groups of equal reward kept, no penalty. */
    public static final RolloutSettings DEFAULT = new RolloutSettings(1, Truncated.DROPPED, EqualGroups.KEPT);

    /** Without a penalty on completions that do not end. */
    public RolloutSettings(int iterations, Truncated truncated, EqualGroups equalGroups) {
        this(iterations, truncated, equalGroups, 0);
    }

    /** @throws ParameterException naming the setting, its value and its range */
    public RolloutSettings {
        Setting.check(RolloutSettings.class, iterations, truncated, equalGroups, missingEosPenalty);
    }
}
