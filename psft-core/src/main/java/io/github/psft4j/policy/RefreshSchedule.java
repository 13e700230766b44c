package io.github.psft4j.policy;

/**
 * How often pi_old is taken anew, counted in optimizer steps.
 *
 * <p>pi_old is never a copy of the weights, only the log-probs of the tokens that will be trained before the next
 * refresh.
 *
 * @param steps optimizer steps between refreshes; 0 means once per macro-batch, {@link #NEVER_STEPS} never
 */
public record RefreshSchedule(int steps) {

    /** Value of {@link #steps} for a reference that is fixed at the start of training. */
    public static final int NEVER_STEPS = -1;

    /**
     * @throws IllegalArgumentException if steps is below {@link #NEVER_STEPS}
     */
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

    /** Whether it is taken at the start of each macro-batch. */
    public boolean isEveryMacroBatch() {
        return steps == 0;
    }

    /** Whether the reference is fixed at the start. */
    public boolean isNever() {
        return steps == NEVER_STEPS;
    }

    /**
     * Optimizer steps from one refresh to the next when a macro-batch has k mini-batches; {@link Integer#MAX_VALUE} for
     * never.
     */
    public int windowSteps(int k) {
        if (isNever()) {
            return Integer.MAX_VALUE;
        }
        return steps == 0 ? k : steps;
    }
}
