package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Bound;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.PythonComparison;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.Range;
import io.github.psft4j.jinja.value.Types;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** {@code json.dumps}, which transformers puts behind {@code tojson} in place of Jinja2's own. */
final class JsonFilter {
    private final boolean ascii;
    private final String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sorted;
    private final StringBuilder out = new StringBuilder();

    private JsonFilter(Bound a) {
        ascii = a.flag(0);
        indent = a.or(1, null) == null || a.get(1) instanceof String
                ? (String) a.or(1, null)
                : " ".repeat(Math.min(1000, Math.max(0, a.index(1))));
        sorted = a.flag(3);
        List<Object> separators =
                a.or(2, null) == null ? List.of(indent == null ? ", " : ",", ": ") : Iteration.list(a.get(2));
        TemplateError.when(separators.size() != 2, "tojson: separators are a pair such as (',', ':')");
        itemSeparator = Types.text("tojson", separators.get(0));
        keySeparator = Types.text("tojson", separators.get(1));
    }

    /** {@code value | tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False)}. */
    static Object filter(Object value, Bound a) {
        JsonFilter json = new JsonFilter(a);
        json.write(value, "\n");
        return json.out.toString();
    }

    private void write(Object value, String line) {
        Budget.step();
        if (value instanceof Map) {
            writeAll('{', entries(Types.dict(value)), '}', line, this::writeEntry);
        } else if (value instanceof List && !(value instanceof Range)) {
            writeAll('[', Types.list(value), ']', line, this::write);
        } else if (Types.text(value) != null) {
            quote(Types.text(value));
        } else {
            String scalar = scalar(value);
            Budget.made(out.length(), scalar.length());
            out.append(scalar);
        }
        Budget.made(out.length(), 2);
    }

    private static String scalar(Object value) {
        if (value == null) {
            return "null";
        }
        if (value instanceof Double real) {
            return PythonNumbers.print(real).replace("nan", "NaN").replace("inf", "Infinity");
        }
        if (value instanceof Boolean || value instanceof Long || value instanceof BigInteger) {
            PythonNumbers.charge(value, value);
            return value.toString();
        }
        throw TemplateError.of("Object of type " + Types.name(value) + " is not JSON serializable");
    }

    private <T> void writeAll(char open, Collection<T> items, char close, String line, BiConsumer<T, String> writer) {
        boolean oneLine = indent == null || items.isEmpty();
        String inner = oneLine ? "" : line + indent;
        String separator = "";
        out.append(open);
        for (T item : items) {
            Budget.made(out.length(), separator.length() + (long) inner.length());
            out.append(separator).append(inner);
            writer.accept(item, inner);
            separator = itemSeparator;
        }
        out.append(oneLine ? "" : line).append(close);
    }

    private Collection<Map.Entry<Object, Object>> entries(Map<Object, Object> dict) {
        List<Map.Entry<Object, Object>> entries = new ArrayList<>(dict.entrySet());
        if (sorted) {
            entries.sort((a, b) -> PythonComparison.equal(a.getKey(), b.getKey())
                    ? 0
                    : PythonComparison.order("<", a.getKey(), b.getKey()));
        }
        return entries;
    }

    private void writeEntry(Map.Entry<Object, Object> entry, String line) {
        quote(key(entry.getKey()));
        out.append(keySeparator);
        write(entry.getValue(), line);
    }

    private static String key(Object key) {
        String text = Types.text(key);
        if (text != null) {
            return text;
        }
        TemplateError.when(key instanceof List, "keys must be str, int, float, bool or None, not %s", Types.name(key));
        return scalar(key);
    }

    private void quote(String text) {
        Budget.read(4L * text.length());
        Budget.made(out.length() + (long) text.length(), text.length());
        int before = out.length() + text.length();
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20 || ascii && c > 0x7e) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
        Budget.made(out.length(), out.length() - (long) before);
    }
}
