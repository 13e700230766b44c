package io.github.psft4j.train;

/**
 * A run took its last step, and its result is worth nothing; the message names the cause. Causes are weights or a last
 * loss that are not finite, no trained token, only skipped steps, and updates that changed no weight.
 *
 * <p>Listeners are closed without {@code onEnd}, as after any failure. The model holds the weights of the last step.
 */
public final class VoidRunException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean modelUsable;

    VoidRunException(String message, boolean modelUsable) {
        super(message);
        this.modelUsable = modelUsable;
    }

    /** Whether earlier steps trained the model, and only the last step failed. */
    public boolean isModelUsable() {
        return modelUsable;
    }
}
