package io.github.psft4j.train;

import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.RunLock;
import java.nio.file.Path;

/**
 * How a run is saved, resumed, and kept apart from other runs.
 *
 * @param checkpoints when they are written, null for none
 * @param resumeFrom checkpoint to go on from, null for a new run
 * @param held lock of the run directory that the caller has, null if there is none
 */
record Persistence(CheckpointPolicy checkpoints, Path resumeFrom, RunLock held) {

    /**
     * Keeps other trainers out of the run directory; null if there is none, or if the caller holds the lock.
     *
     * @throws CheckpointException if another trainer writes to it
     * @throws IllegalArgumentException if the caller's lock is of another directory, or was released
     */
    RunLock lock() {
        if (checkpoints == null) {
            return null;
        }
        if (held == null) {
            return RunLock.acquire(checkpoints.directory());
        }
        if (!held.covers(checkpoints.directory())) {
            throw new IllegalArgumentException("the lock given to the trainer is released, or not that of the directory"
                    + " of its checkpoints, " + checkpoints.directory());
        }
        return null;
    }
}
