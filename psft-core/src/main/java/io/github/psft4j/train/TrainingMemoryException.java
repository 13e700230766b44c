package io.github.psft4j.train;

/**
 * Memory ran out while training: the message says which bound was hit, the option that raises it, and the settings that
 * need less. The weights may be those between two steps; go on from a checkpoint.
 */
public final class TrainingMemoryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TrainingMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
