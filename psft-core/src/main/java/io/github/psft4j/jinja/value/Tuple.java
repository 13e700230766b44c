package io.github.psft4j.jinja.value;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;

/** Python's tuple: a list that prints with parentheses and equals no list. */
public final class Tuple extends AbstractList<Object> {
    private final List<Object> items;
    private final List<String> fields;

    public Tuple(List<Object> items) {
        this(items, List.of());
    }

    /** A named tuple. */
    public Tuple(List<Object> items, List<String> fields) {
        this.items = items;
        this.fields = fields;
    }

    public static Tuple of(Object first, Object second) {
        Object[] pair = {first, second};
        return new Tuple(Arrays.asList(pair));
    }

    /** @return index of a field, -1 if there is none of that name */
    public int field(String name) {
        return fields.indexOf(name);
    }

    @Override
    public Object get(int index) {
        return items.get(index);
    }

    @Override
    public int size() {
        return items.size();
    }
}
