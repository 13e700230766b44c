package io.github.psft4j.kernel;

/**
 * Keys and values of earlier positions for one block of a decoder: one slot per sequence, made by
 * {@link KeyValueMemory#cache}.
 *
 * <p>A slot is a ring of {@link #capacity} entries: position p is entry {@code p % capacity}. With a sliding window the
 * ring is as long as the window, so that a query sees all entries that have been written, and nothing else is kept.
 */
public interface KeyValueCache {

    /** Entries of a page, the unit in which a slot grows on the CPU: a whole number of vectors. */
    int PAGE = 32;

    /** Positions that a slot holds at most. */
    int capacity();

    /** Entry of a position. */
    default int entry(int position) {
        return position % capacity();
    }

    /** Entries that the query at a position sees, its own included: the first so many of the ring. */
    default int visible(int position) {
        return Math.min(position + 1, capacity());
    }

    /** Forgets what a slot holds, so that others may have its memory. */
    default void release(int slot) {}

    /** Ring length for sequences of at most {@code longest} tokens. */
    static int capacity(AttentionShape shape, int longest) {
        return shape.window() == 0 ? longest : Math.min(longest, shape.window());
    }
}
