package io.github.psft4j.train.checkpoint;

/** Checkpoints cannot be written any more: the message names directory and reason; those written before are whole. */
public final class CheckpointWriteException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** With the last failure. */
    public CheckpointWriteException(String message, Throwable cause) {
        super(message, cause);
    }
}
