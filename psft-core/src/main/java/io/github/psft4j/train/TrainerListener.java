package io.github.psft4j.train;

import java.util.Optional;

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

    /**
     * Why the run should end now; empty, the default, to go on. Asked before the first and after every step, when all
     * listeners have seen it. The run then ends as if this were its last step: with its last checkpoint, {@link #onEnd}
     * and {@link TrainingSummary#reason()}.
     */
    default Optional<String> stopReason() {
        return Optional.empty();
    }

    /**
     * After the last step of a run that did not fail. A run that was stopped before its end
     * ({@link PsftTrainer#requestStop}, an interrupt, {@link #stopReason}) gets this call, too;
     * {@code summary.stopped()} says so.
     */
    default void onEnd(TrainingSummary summary) {}

    @Override
    default void close() {}
}
