package io.github.psft4j.jinja.value;

import java.util.AbstractList;

/** {@code range}. */
public final class Range extends AbstractList<Object> {
    public final long start;
    public final long stop;
    public final long step;
    private final int size;

    public Range(long start, long stop, long step, int size) {
        this.start = start;
        this.stop = stop;
        this.step = step;
        this.size = size;
    }

    @Override
    public Object get(int index) {
        return start + step * index;
    }

    @Override
    public int size() {
        return size;
    }
}
