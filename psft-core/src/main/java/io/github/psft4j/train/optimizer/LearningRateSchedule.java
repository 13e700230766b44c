package io.github.psft4j.train.optimizer;

/**
 * Factor on the learning rate over a run: a linear warm-up counted in optimizer steps, then one of three shapes. The
 * first step has factor {@code 1 / warm-up}, never 0.
 */
public enum LearningRateSchedule {
    /** Stays at 1. */
    CONSTANT,
    /** Falls on a line to 0 after the last step. */
    LINEAR,
    /** Falls on half a cosine to 0 after the last step. */
    COSINE;

    /**
     * Factor of a step.
     *
     * @param step optimizer step, from 1
     * @param warmupSteps optimizer steps of the warm-up, 0 for none
     * @param totalSteps optimizer steps of the run
     */
    public double factor(int step, int warmupSteps, int totalSteps) {
        if (step <= warmupSteps) {
            return (double) step / warmupSteps;
        }
        double progress = (double) (step - 1 - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
        return switch (this) {
            case CONSTANT -> 1;
            case LINEAR -> Math.max(0, 1 - progress);
            case COSINE -> 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
        };
    }
}
