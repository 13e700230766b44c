package io.github.psft4j.train;

/**
 * Where a run stands between two optimizer steps, without its arrays: all counters that the next step depends on. The
 * order of the data needs no random state: it is a function of (seed, epoch, position).
 *
 * @param step optimizer steps taken
 * @param drawn mini-batches taken from the data, those of the current macro-batch included
 * @param remaining mini-batches of the current macro-batch that are still to be trained
 * @param adamSteps steps that the optimizer applied
 * @param skipped steps skipped because loss or gradient was not finite
 * @param skippedInARow those of them since the last step that was not
 */
record RunState(int step, int drawn, int remaining, int adamSteps, int skipped, int skippedInARow) {}
