package io.github.psft4j.data.rows;

import java.io.Closeable;
import java.io.IOException;

/** The rows of one file. */
public interface RowSource extends Closeable {

    /**
     * One row, or why it is none. A fault of the file as a whole is thrown instead.
     *
     * @param row the row; of a fault, without fields
     * @param fault null for a good row
     */
    record Result(RawRow row, DataFormatException fault) {}

    /** The next row, null at the end. */
    Result next() throws IOException;

    /** Bytes of rows returned so far, uncompressed, roughly. */
    long bytes();

    /** What the user should know about the rows returned so far, said once; null: nothing. */
    default String note() {
        return null;
    }
}
