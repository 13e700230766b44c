package io.github.psft4j.io;

/**
 * Something that the user gave or asked for cannot be used. The message names the place, the value and what to do
 * instead, and needs no stack trace.
 */
public class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message the complete message */
    public RefusedException(String message) {
        super(message);
    }

    /**
     * @param message the complete message
     * @param cause what led to it
     */
    public RefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
