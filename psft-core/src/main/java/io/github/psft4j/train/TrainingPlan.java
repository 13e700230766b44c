package io.github.psft4j.train;

import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.train.source.MacroBatchSource;

/**
 * What a run is going to do, known before its first step.
 *
 * @param objective name of the objective
 * @param totalSteps optimizer steps
 * @param stepsPerEpoch optimizer steps in one pass over the data, 0 if there is no end to it
 * @param warmupMacroSteps macro-steps of plain SFT first
 * @param demonstrations number of demonstrations, 0 if they are not known before training
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

    /** What these settings do with a source. */
    static TrainingPlan of(CausalLm model, TrainerSettings settings, MacroBatchSource source) {
        int maxSteps = settings.train().maxSteps();
        int epochs = settings.train().epochs();
        int stepsPerEpoch = source.stepsPerEpoch();
        long wholeEpochs = (long) stepsPerEpoch * epochs;
        if (maxSteps == 0 && stepsPerEpoch == 0) {
            throw new IllegalArgumentException("a source of macro-batches without end needs maxSteps");
        }
        if (maxSteps == 0 && wholeEpochs > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(epochs + " epochs of " + stepsPerEpoch
                    + " optimizer steps are more than " + Integer.MAX_VALUE + " steps; lower epochs or give maxSteps");
        }
        int totalSteps = maxSteps > 0 ? maxSteps : (int) wholeEpochs;
        double parts = (double) totalSteps / Math.max(1, stepsPerEpoch);
        return new TrainingPlan(
                settings.goal().objective().name(),
                totalSteps,
                stepsPerEpoch,
                settings.goal().sftWarmup().macroSteps((int) Math.ceil(parts * source.macroStepsPerEpoch())),
                source.sequences().size(),
                model.trainedParameters());
    }

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

    /**
     * How these settings cut a mini-batch for the passes over it.
     *
     * @param sharing whether neighbours share what they have in common
     */
    static MicroBatches microBatches(TrainerSettings settings, boolean sharing) {
        return new MicroBatches(
                settings.batch().microBatch(),
                settings.batch().packing(),
                settings.batch().lengthGrouping(),
                group(settings),
                sharing);
    }

    /** Neighbours in the data that are trained together. */
    static int group(TrainerSettings settings) {
        return settings.goal().objective().neighbours();
    }
}
