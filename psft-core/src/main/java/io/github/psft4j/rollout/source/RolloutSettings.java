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
        EqualGroups equalGroups) {

    /** One pass, truncated completions dropped, groups of equal reward kept. */
    public static final RolloutSettings DEFAULT = new RolloutSettings(1, Truncated.DROPPED, EqualGroups.KEPT);

    /** @throws ParameterException naming the setting, its value and its range */
    public RolloutSettings {
        Setting.check(RolloutSettings.class, iterations, truncated, equalGroups);
    }
}
