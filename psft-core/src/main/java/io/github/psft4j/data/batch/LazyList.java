package io.github.psft4j.data.batch;

import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.function.IntFunction;

/**
 * A list that makes each element when it is asked for it, so that sequences in a file stay there until they are used.
 */
public final class LazyList<E> extends AbstractList<E> implements RandomAccess {

    private final int size;
    private final IntFunction<E> elements;

    /** @param elements makes element i, from 0 to size - 1 */
    public LazyList(int size, IntFunction<E> elements) {
        this.size = size;
        this.elements = elements;
    }

    @Override
    public E get(int index) {
        return elements.apply(Objects.checkIndex(index, size));
    }

    @Override
    public int size() {
        return size;
    }
}
