/**
 * Checkpoints on disk: directories that are either whole or ignored, even if their writer died.
 * {@link io.github.psft4j.train} knows what they mean to a run.
 */
package io.github.psft4j.train.checkpoint;
