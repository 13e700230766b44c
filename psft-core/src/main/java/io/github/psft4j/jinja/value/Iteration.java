package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** {@code iter(value)}, {@code list(value)} and {@code len(value)}. */
public final class Iteration {
    private Iteration() {}

    /** @return the elements, null if the value has none: it is not iterable */
    public static Iterator<Object> orNull(Object value) {
        if (value instanceof List) {
            return Types.list(value).iterator();
        }
        if (value instanceof Map) {
            return Types.dict(value).keySet().iterator();
        }
        if (value instanceof Once once) {
            return once.items();
        }
        if (value instanceof DictView view) {
            return view.items().iterator();
        }
        String text = Types.text(value);
        if (text != null) {
            return PythonStrings.characters(text);
        }
        return value instanceof Undefined ? Collections.emptyIterator() : null;
    }

    public static Iterator<Object> of(Object value) {
        Iterator<Object> items = orNull(value);
        if (items == null) {
            throw TemplateError.of("'" + Types.name(value) + "' object is not iterable");
        }
        return items;
    }

    public static List<Object> list(Object value) {
        List<Object> list = new ArrayList<>();
        Iterator<Object> items = of(value);
        while (items.hasNext()) {
            Budget.step();
            Budget.listed(list.size(), 1);
            list.add(items.next());
        }
        return list;
    }

    /** @return the length, -1 if the value has none */
    public static int lengthOrNone(Object value) {
        if (value instanceof List<?> list) {
            return list.size();
        }
        if (value instanceof Map<?, ?> dict) {
            return dict.size();
        }
        if (value instanceof DictView view) {
            return view.items().size();
        }
        if (value instanceof PythonObject object) {
            return object.length();
        }
        String text = Types.text(value);
        return text != null ? PythonStrings.length(text) : value instanceof Undefined ? 0 : -1;
    }

    public static long length(Object value) {
        int length = lengthOrNone(value);
        if (length < 0) {
            throw TemplateError.of("object of type '" + Types.name(value) + "' has no len()");
        }
        return length;
    }
}
