package io.github.psft4j.hf;

import io.github.psft4j.io.RefusedException;
import java.nio.file.Path;

/**
 * A model file that is missing, damaged or against its format. The message names the file, the tensor or field, the
 * value and the remedy.
 */
public final class ModelFormatException extends RefusedException {
    private static final long serialVersionUID = 1L;

    /** @param message the complete message */
    public ModelFormatException(String message) {
        super(message);
    }

    /**
     * @param message the complete message
     * @param cause what the parser or the native library reported
     */
    public ModelFormatException(String message, Throwable cause) {
        super(message, cause);
    }

    public static ModelFormatException of(Path file, String problem) {
        return new ModelFormatException(file + ": " + problem);
    }

    public static ModelFormatException of(Path file, String problem, Throwable cause) {
        return new ModelFormatException(file + ": " + problem, cause);
    }
}
