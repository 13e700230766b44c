package io.github.psft4j.data;

import java.util.Iterator;

/**
 * The rows of data files as examples, in input order and without gaps: a dropped row is an example without a
 * demonstration. Rows are tokenised ahead by several threads; a bounded number of them is in memory.
 */
public final class ExampleReader implements Iterator<Example>, AutoCloseable {

    ExampleReader() {}

    @Override
    public boolean hasNext() {
        throw new UnsupportedOperationException("API skeleton");
    }

    /** @throws DataFormatException naming file, line, field and remedy, if the next row is not a demonstration */
    @Override
    public Example next() {
        throw new UnsupportedOperationException("API skeleton");
    }

    /** What was handed out so far. */
    public DataReport report() {
        throw new UnsupportedOperationException("API skeleton");
    }

    @Override
    public void close() {}
}
