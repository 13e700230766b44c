package io.github.psft4j.data;

/** Turns rows of one layout into tokens. Thread-safe. */
interface RowEncoder {

    /** @throws DataFormatException if the row is not of this layout */
    Encoded encode(Fields row);
}
