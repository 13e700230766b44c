package io.github.psft4j.data;

import java.util.Iterator;

/** Results of the rows of a data set in its order, and what they add up to. */
interface RowResults extends Iterator<RowResult>, AutoCloseable {

    /** Counts of the results returned so far. */
    DataReport report();

    /** Lengths of the demonstrations returned so far. */
    int[] lengths();

    /** Bytes of rows read so far, uncompressed. */
    long bytesRead();

    @Override
    void close();
}
