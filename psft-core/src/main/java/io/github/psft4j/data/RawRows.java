package io.github.psft4j.data;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/** The rows of data files in their order, one in memory at a time. */
public final class RawRows implements Iterator<RawRow>, AutoCloseable {

    private RawRows() {}

    /**
     * @param paths data files or directories, see {@link DataOptions}
     * @return rows of all files, one file after the other
     * @throws DataFormatException if there is no data file
     */
    public static RawRows open(List<Path> paths) {
        throw new UnsupportedOperationException("API skeleton");
    }

    @Override
    public boolean hasNext() {
        throw new UnsupportedOperationException("API skeleton");
    }

    /** @throws DataFormatException naming file and line if the next row cannot be read */
    @Override
    public RawRow next() {
        throw new UnsupportedOperationException("API skeleton");
    }

    @Override
    public void close() {}
}
