package io.github.psft4j.policy;

/**
 * How many macro-steps of plain SFT come before the proximal objective takes over (the paper's "PSFT with warm-up n").
 *
 * @param steps macro-steps, or 0 when a fraction is given
 * @param fraction part of all macro-steps, or 0 when steps are given
 */
public record WarmupSchedule(int steps, double fraction) {

    /**
     * @throws IllegalArgumentException if a value is out of range or both are given
     */
    public WarmupSchedule {
        if (steps < 0) {
            throw new IllegalArgumentException("warm-up steps must not be negative, was " + steps);
        }
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("warm-up fraction must lie in [0, 1], was " + fraction);
        }
        if (steps > 0 && fraction > 0) {
            throw new IllegalArgumentException(
                    "give warm-up steps or a fraction, not both: " + steps + " and " + fraction);
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
