package io.github.psft4j.train;

/**
 * How a run ended.
 *
 * @param steps optimizer steps taken, skipped ones included
 * @param skipped steps skipped because loss or gradient was not finite
 * @param last metrics of the last step, null if there was none
 * @param seconds wall time, listeners included
 * @param stopped whether {@link PsftTrainer#requestStop} or an interrupt ended it before its last step
 */
public record TrainingSummary(int steps, int skipped, StepMetrics last, double seconds, boolean stopped) {

    /** A run that went to its end. */
    public TrainingSummary(int steps, int skipped, StepMetrics last, double seconds) {
        this(steps, skipped, last, seconds, false);
    }
}
