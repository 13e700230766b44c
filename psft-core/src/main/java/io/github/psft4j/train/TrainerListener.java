package io.github.psft4j.train;

/**
 * Receives the events of a run, on the training thread and in the order of registration. It is closed when the run ends
 * in any way.
 *
 * <p>An exception of a listener ends the run: {@link PsftTrainer#fit} throws it, with the model as it is after the last
 * step and all listeners closed. With {@code Listeners.keepTraining} the failure of a listener that only records does
 * not end the run.
 */
public interface TrainerListener extends AutoCloseable {

    /** Before the first step. */
    default void onStart(TrainingPlan plan) {}

    /**
     * After every optimizer step, skipped steps and the step at which the run diverges included. The model holds the
     * updated weights and may be evaluated.
     */
    default void onStep(StepMetrics metrics) {}

    /** After the last step of a run that did not fail. */
    default void onEnd(TrainingSummary summary) {}

    @Override
    default void close() {}
}
