package io.github.psft4j.data.options;

import io.github.psft4j.data.encode.DropReason;
import io.github.psft4j.data.rows.DataFormatException;

/** What happens to a row that cannot be read as a demonstration. */
public enum BadRows {
    /** A {@link DataFormatException} names it. */
    ERROR,
    /**
     * It is left out and counted as {@link DropReason#MALFORMED}; a file that is broken as a whole is still an error.
     */
    DROP
}
