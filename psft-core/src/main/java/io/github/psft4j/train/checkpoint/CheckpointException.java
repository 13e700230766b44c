package io.github.psft4j.train.checkpoint;

import io.github.psft4j.io.RefusedException;

/** A checkpoint or run directory cannot be used: the message names directory, file, reason and remedy. */
public sealed class CheckpointException extends RefusedException permits OtherFormatException {

    private static final long serialVersionUID = 1L;

    /** A refusal. */
    public CheckpointException(String message) {
        super(message);
    }

    /** A refusal with the failure that led to it. */
    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
