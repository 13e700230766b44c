package io.github.psft4j.train;

import io.github.psft4j.train.checkpoint.CheckpointCopies;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.checkpoint.DirectoryStorage;
import io.github.psft4j.train.checkpoint.Retention;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * When and where a run writes checkpoints that it can be resumed from.
 *
 * @param directory run directory; checkpoints are {@code step-00001234/} in it
 * @param everySteps optimizer steps between checkpoints, 0 for one at the end only
 * @param retention which ones stay, default the newest two
 * @param metric what the best checkpoint has least of, null if none is chosen
 * @param asynchronous whether they are written while training goes on, from a copy of weights and optimizer state
 *     (three times the weights in memory); default true
 * @param maxFailures failed writes in a row after which the run stops, default 3
 * @param copies where each checkpoint is copied to as well, null for nowhere, which is the default
 */
public record CheckpointPolicy(
        Path directory,
        int everySteps,
        Retention retention,
        ToDoubleFunction<StepMetrics> metric,
        boolean asynchronous,
        int maxFailures,
        DirectoryStorage copies) {

    /** @throws IllegalArgumentException if a number is out of range or the best is to be kept without a metric */
    public CheckpointPolicy {
        Objects.requireNonNull(directory, "directory");
        Objects.requireNonNull(retention, "retention");
        if (everySteps < 0) {
            throw new IllegalArgumentException("everySteps must be 0 (at the end only) or positive, was " + everySteps);
        }
        if (retention.best() && metric == null) {
            throw new IllegalArgumentException("keeping the best checkpoint needs a metric; see bestBy");
        }
        if (maxFailures < 1) {
            throw new IllegalArgumentException("maxFailures must be at least 1, was " + maxFailures);
        }
    }

    /** Every n steps with the defaults. */
    public static CheckpointPolicy every(int steps, Path directory) {
        return new CheckpointPolicy(directory, steps, Retention.DEFAULT, null, true, 3, null);
    }

    /** The same, keeping the newest n and those at multiples of a step (0 for none). */
    public CheckpointPolicy keep(int last, int multiplesOf) {
        Retention rules = new Retention(last, multiplesOf, retention.best());
        return new CheckpointPolicy(directory, everySteps, rules, metric, asynchronous, maxFailures, copies);
    }

    /**
     * The same, keeping also the checkpoint with the lowest value, such as a held-out NLL. A checkpoint whose value is
     * not a number (not measured after that step) is never the best.
     */
    public CheckpointPolicy bestBy(ToDoubleFunction<StepMetrics> value) {
        Retention rules = new Retention(retention.last(), retention.everySteps(), true);
        return new CheckpointPolicy(directory, everySteps, rules, value, asynchronous, maxFailures, copies);
    }

    /** The same, written while training waits. This is slower but makes no copy. */
    public CheckpointPolicy synchronous() {
        return new CheckpointPolicy(directory, everySteps, retention, metric, false, maxFailures, copies);
    }

    /**
     * The same, with a copy (null: none) of each checkpoint on a storage that outlives this machine. A checkpoint whose
     * copy fails counts as a failed write. {@link TrainerBuilder#resumeNewest} fetches a copy that is newer than the
     * directory's.
     */
    public CheckpointPolicy copiedTo(DirectoryStorage storage) {
        return new CheckpointPolicy(directory, everySteps, retention, metric, asynchronous, maxFailures, storage);
    }

    /**
     * The newest intact checkpoint, of the copies as well.
     *
     * @throws io.github.psft4j.train.checkpoint.CheckpointException if there are some and none is whole
     */
    Optional<Path> newestIntact() {
        return copies == null
                ? new CheckpointStore(directory).newestIntact()
                : new CheckpointCopies(directory, copies).newestIntact();
    }
}
