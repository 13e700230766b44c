package io.github.psft4j.data.encode;

import io.github.psft4j.data.rows.DataFormatException;

/** Turns rows of one layout into tokens. Thread-safe. */
public interface RowEncoder {

    /** @throws DataFormatException if the row is not of this layout */
    Encoded encode(Fields row);
}
