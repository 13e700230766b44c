package io.github.psft4j.data.rows;

import io.github.psft4j.io.RefusedException;

/**
 * A data file or row that is not what it should be. The message fits on a screen and names the file, the line (of
 * JSONL) or row (of Parquet), the field, the value and the remedy.
 */
public final class DataFormatException extends RefusedException {
    private static final long serialVersionUID = 1L;

    /** @param message the complete message */
    public DataFormatException(String message) {
        super(message);
    }

    /**
     * @param message the complete message
     * @param cause what the parser or codec reported
     */
    public DataFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
