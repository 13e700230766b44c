package io.github.psft4j.policy;

/**
 * How often pi_old is computed again, counted in optimizer steps.
 *
 * <p>pi_old is never a copy of the weights, only the log-probs of the tokens that will be trained before the next
 * refresh.
 *
 * @param steps optimizer steps between refreshes; 0 means once per macro-batch, {@link #NEVER_STEPS} never
 */
public record RefreshSchedule(int steps) {

    /** Value of {@link #steps} for a reference that is fixed at the start of training. */
    public static final int NEVER_STEPS = -1;

    /** @throws IllegalArgumentException if steps is below {@link #NEVER_STEPS} */
    public RefreshSchedule {
        if (steps < NEVER_STEPS) {
            throw new IllegalArgumentException("refresh needs a positive number of optimizer steps, was " + steps);
        }
    }

    /** Once per macro-batch, the paper's setting and the default. */
    public static RefreshSchedule everyMacroBatch() {
        return new RefreshSchedule(0);
    }

    /** Every n optimizer steps, n at least 1; n = 1 is plain SFT. */
    public static RefreshSchedule everySteps(int n) {
        if (n < 1) {
            throw new IllegalArgumentException("refresh needs a positive number of optimizer steps, was " + n);
        }
        return new RefreshSchedule(n);
    }

    /** Never: the log-probs of the model as training found it, a fixed reference. */
    public static RefreshSchedule never() {
        return new RefreshSchedule(NEVER_STEPS);
    }

    /**
     * Reads what {@link #word} writes.
     *
     * @throws IllegalArgumentException unless it is macro, never or a positive number
     */
    public static RefreshSchedule parse(String word) {
        return switch (word) {
            case "macro" -> everyMacroBatch();
            case "never" -> never();
            default -> everySteps(Integer.parseInt(word));
        };
    }

    /** The schedule as a word: macro, never or a number of optimizer steps. */
    public String word() {
        return isNever() ? "never" : isEveryMacroBatch() ? "macro" : String.valueOf(steps);
    }

    /** Whether it is taken at the start of each macro-batch. */
    public boolean isEveryMacroBatch() {
        return steps == 0;
    }

    /** Whether the reference is fixed at the start. */
    public boolean isNever() {
        return steps == NEVER_STEPS;
    }

    /**
     * Whether the window from one refresh to the next is complete.
     *
     * @param drawn mini-batches in it
     * @param macroEnds whether the last of them ends a macro-batch
     */
    public boolean isFull(int drawn, boolean macroEnds) {
        return isEveryMacroBatch() ? macroEnds : drawn >= steps;
    }

    /**
     * Whether the mini-batch at this place of its window, from 0, has a pi_old of its own; the first after a refresh
     * has r = 1.
     */
    public boolean freezes(int place) {
        return isNever() || place > 0;
    }
}
