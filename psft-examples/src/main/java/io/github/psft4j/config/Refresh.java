package io.github.psft4j.config;

import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Value;

/** When pi_old is computed again. */
public record Refresh(
        @Doc("When pi_old is computed again: macro (every macro-batch), never (a fixed reference) or a number of"
                + " optimizer steps.")
        @Value(initial = "macro")
        RefreshSchedule every) {}
