package io.github.psft4j.jinja.value;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** Python's names for types, and what counts as true. */
public final class Types {
    private static final Map<Class<?>, String> NAMES = Map.of(
            String.class, "str",
            Boolean.class, "bool",
            Long.class, "int",
            BigInteger.class, "int",
            Double.class, "float",
            Tuple.class, "tuple",
            Range.class, "range");

    private Types() {}

    public static String name(Object value) {
        String basic = value == null ? "NoneType" : NAMES.get(value.getClass());
        if (basic != null) {
            return basic;
        }
        if (value instanceof Map) {
            return "dict";
        }
        if (value instanceof List) {
            return "list";
        }
        if (value instanceof DictView view) {
            return view.type();
        }
        if (value instanceof Once once) {
            return once.type();
        }
        if (value instanceof PythonObject object) {
            return object.typeName();
        }
        return value instanceof NamedFunction ? "function" : value.getClass().getSimpleName();
    }

    public static boolean truth(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof Long || value instanceof Double) {
            return ((Number) value).doubleValue() != 0;
        }
        String text = text(value);
        if (text != null) {
            return !text.isEmpty();
        }
        return value != null && (value instanceof PythonObject || Iteration.lengthOrNone(value) != 0);
    }

    /** @return the text of a str or of safe text, null for anything else */
    public static String text(Object value) {
        return value instanceof String text ? text : value instanceof Markup safe ? safe.text() : null;
    }

    /**
     * @param function for the message
     * @return the text of a str or of safe text
     */
    public static String text(String function, Object value) {
        String text = text(value);
        if (text == null) {
            throw Undefined.error(value, function + "() argument must be str, not " + name(value));
        }
        return text;
    }

    /** @return a list, the type of which depends on what the elements were taken from */
    @SuppressWarnings("unchecked")
    public static List<Object> list(Object value) {
        return (List<Object>) value;
    }

    @SuppressWarnings("unchecked")
    public static Map<Object, Object> dict(Object value) {
        return (Map<Object, Object>) value;
    }
}
