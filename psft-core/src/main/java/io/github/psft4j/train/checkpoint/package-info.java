/**
 * Checkpoints on disk: directories that are either whole or ignored, whatever happened while they were written. What
 * they mean to a run is the business of {@link io.github.psft4j.train}.
 */
package io.github.psft4j.train.checkpoint;
