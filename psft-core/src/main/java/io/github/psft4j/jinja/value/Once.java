package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.Budget;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Supplier;

/** A generator: can be run through once, is always true and has no length. */
public record Once(String type, Iterator<Object> items) {

    /** A generator of given items. */
    public static Once of(Iterable<Object> items) {
        return new Once("generator", items.iterator());
    }

    /**
     * A generator that changes each item when its turn comes, not before.
     *
     * @param source asked for the items when the first is wanted
     * @param change asked for the change before that; {@link Args#ABSENT} in place of an item leaves it out
     */
    public static Once changing(Supplier<Iterator<Object>> source, Supplier<Function<Object, Object>> change) {
        return new Once("generator", new Iterator<>() {
            private Function<Object, Object> changed;
            private Iterator<Object> items;
            private Object next = Args.ABSENT;

            @Override
            public boolean hasNext() {
                if (items == null) {
                    changed = change.get();
                    items = source.get();
                }
                while (next == Args.ABSENT && items.hasNext()) {
                    Budget.step();
                    next = changed.apply(items.next());
                }
                return next != Args.ABSENT;
            }

            @Override
            public Object next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                Object item = next;
                next = Args.ABSENT;
                return item;
            }
        });
    }
}
