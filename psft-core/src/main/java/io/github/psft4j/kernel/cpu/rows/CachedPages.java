package io.github.psft4j.kernel.cpu.rows;

import io.github.psft4j.kernel.KeyValueCache;

/**
 * Keys and values of one sequence in pages of {@value #ENTRIES} entries. In a page the keys of a head lie channel by
 * channel and its values entry by entry, so that both products of attention run along memory.
 */
public interface CachedPages {

    /** Entries of a page. */
    int ENTRIES = KeyValueCache.PAGE;

    /** Pages that hold so many entries. */
    static int pages(int entries) {
        return (entries + ENTRIES - 1) / ENTRIES;
    }

    /** Copies the keys of so many key/value heads {@code [heads][d][ENTRIES]} to {@code out[at ..]}. */
    void keys(int page, int head, int heads, float[] out, int at);

    /** Copies the values of so many key/value heads {@code [heads][ENTRIES][d]} to {@code out[at ..]}. */
    void values(int page, int head, int heads, float[] out, int at);
}
