package io.github.psft4j.data.options;

import io.github.psft4j.data.rows.DataFormatException;

/** What happens to a row of more tokens than allowed. Every case is counted in the {@code DataReport}. */
public enum Truncation {
    /** The row is left out, because a truncated demonstration teaches the model to stop early. */
    DROP,
    /** The first tokens are kept, and with the rest the end-of-sequence token is lost. */
    KEEP_START,
    /** A {@link DataFormatException} names the row. */
    ERROR
}
