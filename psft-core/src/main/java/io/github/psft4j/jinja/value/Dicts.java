package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's dict on Java's maps: 1, 1.0 and True are one key; lists and dicts are none. */
public final class Dicts {
    private Dicts() {}

    public static void put(Map<Object, Object> dict, Object key, Object value) {
        checkKey(key);
        dict.put(spelling(dict, key), value);
    }

    public static boolean contains(Map<Object, Object> dict, Object key) {
        checkKey(key);
        return dict.containsKey(spelling(dict, key));
    }

    /** @return the value, null also if there is none: ask {@link #contains} first */
    public static Object get(Map<Object, Object> dict, Object key) {
        return dict.get(spelling(dict, key));
    }

    /** @return pairs of key and value */
    public static List<Object> items(Map<Object, Object> dict) {
        Budget.listed(2L * dict.size(), 2L * dict.size());
        List<Object> items = new ArrayList<>(dict.size());
        dict.forEach((key, value) -> items.add(Tuple.of(key, value)));
        return items;
    }

    static void checkKey(Object key) {
        Budget.read(key instanceof String text ? 8 + (text.length() >> 2) : 64);
        boolean unhashable = key instanceof Map
                || key instanceof DictView
                || key instanceof List && !(key instanceof Tuple) && !(key instanceof Range);
        if (unhashable) {
            throw TemplateError.of("unhashable type: '" + Types.name(key) + "'");
        }
        if (key instanceof Tuple tuple) {
            tuple.forEach(Dicts::checkKey);
        }
    }

    /** @return the key that the dict has for an equal one */
    private static Object spelling(Map<Object, Object> dict, Object key) {
        if (key instanceof String && dict.containsKey(key)
                || !PythonNumbers.isNumber(key) && !(key instanceof Markup)) {
            return key;
        }
        for (Object present : dict.keySet()) {
            if (PythonComparison.equal(present, key)) {
                return present;
            }
        }
        return key;
    }
}
