package io.github.psft4j.train.memory;

/**
 * Memory is too small for a run, or ran out while training.
 *
 * <p>The message says which bound was hit, the option that raises it, and the settings that need less. After a start
 * the weights may be those between two steps; go on from a checkpoint.
 */
public final class TrainingMemoryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** With the message that names the way out, and what ND4J or the JVM threw. */
    public TrainingMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
