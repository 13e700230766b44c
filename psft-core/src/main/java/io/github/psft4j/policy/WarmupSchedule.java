package io.github.psft4j.policy;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;

/**
 * How many macro-steps of plain SFT come before the proximal objective takes over (the paper's "PSFT with warm-up n").
 */
public record WarmupSchedule(
        @Doc("Macro-batches of plain SFT before the objective takes over (the paper's \"PSFT with warm-up n\").")
        @Value(name = "macro_steps", initial = "0", range = ">= 0")
        int steps,

        @Doc("The same as a part of all macro-batches; give one of the two.")
        @Value(initial = "0", range = ">= 0 and <= 1")
        double fraction) {

    /** @throws IllegalArgumentException if a value is out of range or both are given */
    public WarmupSchedule {
        Setting.check(WarmupSchedule.class, steps, fraction);
        if (steps > 0 && fraction > 0) {
            throw new ParameterException("fraction", "contradicts steps; give one of the two");
        }
    }

    /** No warm-up. */
    public static WarmupSchedule none() {
        return new WarmupSchedule(0, 0);
    }

    /** The first n macro-steps. */
    public static WarmupSchedule steps(int n) {
        return new WarmupSchedule(n, 0);
    }

    /** The first part of all macro-steps, rounded to the nearest whole step. */
    public static WarmupSchedule fraction(double fraction) {
        return new WarmupSchedule(0, fraction);
    }

    /**
     * Number of SFT macro-steps in a run of the given length.
     *
     * @param totalMacroSteps length of the run; only a fraction needs it, otherwise it may be 0 for unknown
     * @throws IllegalArgumentException if a fraction is asked of a run of unknown length
     */
    public int macroSteps(int totalMacroSteps) {
        if (fraction > 0 && totalMacroSteps <= 0) {
            throw new IllegalArgumentException("a warm-up fraction of " + fraction
                    + " needs the total number of macro-steps; give it, or use WarmupSchedule.steps(n)");
        }
        return fraction > 0 ? (int) Math.round(fraction * totalMacroSteps) : steps;
    }
}
