package io.github.psft4j.train;

/**
 * What a run is going to do, known before its first step.
 *
 * @param objective name of the objective
 * @param totalSteps optimizer steps
 * @param stepsPerEpoch optimizer steps in one pass over the data
 * @param warmupMacroSteps macro-steps of plain SFT first
 * @param demonstrations number of demonstrations
 * @param parameters trainable parameters
 * @param resumedStep optimizer steps that were taken before the run was resumed, 0 for a new run
 */
public record TrainingPlan(
        String objective,
        int totalSteps,
        int stepsPerEpoch,
        int warmupMacroSteps,
        int demonstrations,
        long parameters,
        int resumedStep) {

    /** The same run, resumed after the given step. */
    TrainingPlan resumedAt(int step) {
        return new TrainingPlan(
                objective, totalSteps, stepsPerEpoch, warmupMacroSteps, demonstrations, parameters, step);
    }

    /** A new run. */
    public TrainingPlan(
            String objective,
            int totalSteps,
            int stepsPerEpoch,
            int warmupMacroSteps,
            int demonstrations,
            long parameters) {
        this(objective, totalSteps, stepsPerEpoch, warmupMacroSteps, demonstrations, parameters, 0);
    }
}
