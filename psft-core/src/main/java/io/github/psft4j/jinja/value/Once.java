package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.RenderBudget;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;

/** A generator: can be run through once, is always true and has no length. */
public record Once(String type, Iterator<Object> items) {

    /** The items that pass the test, which is asked when the item's turn comes, not before. */
    public static Iterator<Object> filter(RenderBudget budget, Iterator<Object> items, Predicate<Object> test) {
        return new Iterator<>() {
            private Object next;
            private boolean ready;

            @Override
            public boolean hasNext() {
                while (!ready && items.hasNext()) {
                    budget.step();
                    next = items.next();
                    ready = test.test(next);
                }
                return ready;
            }

            @Override
            public Object next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                ready = false;
                return next;
            }
        };
    }
}
