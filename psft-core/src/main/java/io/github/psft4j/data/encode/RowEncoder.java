package io.github.psft4j.data.encode;

import io.github.psft4j.data.rows.DataFormatException;
import java.util.List;

/** Turns rows of one layout into tokens. Thread-safe. */
public interface RowEncoder {

    /** @throws DataFormatException if the row is not of this layout */
    Encoded encode(Fields row);

    /**
     * All sequences of a row: one, or the chosen and the rejected answer.
     *
     * @throws DataFormatException if the row is not of this layout
     */
    default List<Encoded> sequences(Fields row) {
        return List.of(encode(row));
    }
}
