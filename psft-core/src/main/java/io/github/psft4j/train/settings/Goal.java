package io.github.psft4j.train.settings;

import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.policy.WarmupSchedule;

/**
 * What a run minimises.
 *
 * @param objective the token objective after the warm-up
 * @param aggregation how token losses become one number
 * @param sftWarmup macro-steps of plain SFT first
 * @param refresh when pi_old is computed again
 */
public record Goal(
        TokenObjective objective, Aggregation aggregation, WarmupSchedule sftWarmup, RefreshSchedule refresh) {

    /** @throws IllegalArgumentException naming the setting that is null */
    public Goal {
        TrainerSettings.given(objective, "objective");
        TrainerSettings.given(aggregation, "aggregation");
        TrainerSettings.given(sftWarmup, "sftWarmup");
        TrainerSettings.given(refresh, "refresh");
    }
}
