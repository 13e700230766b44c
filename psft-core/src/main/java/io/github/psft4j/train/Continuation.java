package io.github.psft4j.train;

import java.nio.file.Path;

/**
 * How a run is broken off and gone on with.
 *
 * @param checkpoints when they are written, null for none
 * @param resumeFrom checkpoint to go on from, null for a new run
 */
record Continuation(CheckpointPolicy checkpoints, Path resumeFrom) {}
