package io.github.psft4j.train;

/**
 * Told what happens during a run, on the training thread and in the order of registration; closed when the run ends in
 * any way.
 */
public interface TrainerListener extends AutoCloseable {

    /** Before the first step. */
    default void onStart(TrainingPlan plan) {}

    /** After every optimizer step; the model holds the updated weights and may be evaluated. */
    default void onStep(StepMetrics metrics) {}

    /** After the last step of a run that was not broken off. */
    default void onEnd(TrainingSummary summary) {}

    @Override
    default void close() {}
}
