package io.github.psft4j.train;

/**
 * How a run ended.
 *
 * @param steps optimizer steps taken, skipped ones included
 * @param skipped steps skipped because loss or gradient was not finite
 * @param last metrics of the last step, null if there was none
 * @param seconds wall time, listeners included
 * @param stopped whether it ended before its last step: by {@link PsftTrainer#requestStop}, an interrupt or a listener
 * @param reason what the listener said that ended it ({@link TrainerListener#stopReason}), null if none did
 */
public record TrainingSummary(
        int steps, int skipped, StepMetrics last, double seconds, boolean stopped, String reason) {

    /** A run that no listener ended. */
    public TrainingSummary(int steps, int skipped, StepMetrics last, double seconds, boolean stopped) {
        this(steps, skipped, last, seconds, stopped, null);
    }

    /** A run that went to its end. */
    public TrainingSummary(int steps, int skipped, StepMetrics last, double seconds) {
        this(steps, skipped, last, seconds, false);
    }
}
