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
 */
public record TrainingPlan(
        String objective,
        int totalSteps,
        int stepsPerEpoch,
        int warmupMacroSteps,
        int demonstrations,
        long parameters) {}
