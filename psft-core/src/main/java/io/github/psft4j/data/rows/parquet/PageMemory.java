package io.github.psft4j.data.rows.parquet;

/**
 * Heap that the pages and dictionaries of a row group take at a time. A file may have any number of columns, each with
 * its page.
 */
final class PageMemory {

    /** Pages have about a megabyte, so this is enough for hundreds of columns. */
    static final long MAX_BYTES = 512L << 20;

    private long held;

    /** @throws UnsupportedOperationException if the pages in memory take more than {@link #MAX_BYTES} */
    void hold(long bytes) {
        held += bytes;
        if (held > MAX_BYTES) {
            throw new UnsupportedOperationException("pages and dictionaries of " + held + " bytes at a time; up to "
                    + (MAX_BYTES >> 20) + " MiB are read: write smaller pages, or fewer columns");
        }
    }

    void release(long bytes) {
        held -= bytes;
    }
}
