package io.github.psft4j.data;

import java.util.AbstractList;
import java.util.RandomAccess;

/**
 * Demonstrations in a memory-mapped file: a list of any length that costs a few bytes of heap per element. Thread-safe
 * until closed.
 */
public final class DemonstrationSet extends AbstractList<Demonstration> implements RandomAccess, AutoCloseable {

    DemonstrationSet() {}

    @Override
    public Demonstration get(int index) {
        throw new UnsupportedOperationException("API skeleton");
    }

    @Override
    public int size() {
        throw new UnsupportedOperationException("API skeleton");
    }

    /** Tokens of a demonstration, without reading it. */
    public int length(int index) {
        throw new UnsupportedOperationException("API skeleton");
    }

    /** The row's weight; 1 without a weight column. */
    public double weight(int index) {
        throw new UnsupportedOperationException("API skeleton");
    }

    /** What was read, and what became of it. */
    public DataReport report() {
        throw new UnsupportedOperationException("API skeleton");
    }

    /** Whether the tokens come from an earlier run's cache. */
    public boolean fromCache() {
        throw new UnsupportedOperationException("API skeleton");
    }

    @Override
    public void close() {}
}
