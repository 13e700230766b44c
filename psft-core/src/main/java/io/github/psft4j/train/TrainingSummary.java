package io.github.psft4j.train;

/**
 * How a run ended.
 *
 * @param steps optimizer steps taken, skipped ones included
 * @param skipped steps skipped because loss or gradient was not finite
 * @param last metrics of the last step, null if there was none
 * @param seconds wall time, listeners included
 */
public record TrainingSummary(int steps, int skipped, StepMetrics last, double seconds) {}
