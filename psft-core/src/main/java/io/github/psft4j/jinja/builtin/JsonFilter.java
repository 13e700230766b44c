package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.run.RenderBudget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.text.StringMethods;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.PythonComparison;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.Range;
import io.github.psft4j.jinja.value.Types;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code json.dumps}, which transformers puts behind {@code tojson} in place of Jinja2's own. */
final class JsonFilter {
    private final RenderBudget budget;
    private final boolean ascii;
    private final String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sorted;
    private final StringBuilder out = new StringBuilder();

    private JsonFilter(RenderBudget budget, boolean ascii, String indent, Object separators, boolean sorted) {
        this.budget = budget;
        this.ascii = ascii;
        this.indent = indent;
        this.sorted = sorted;
        if (separators == null) {
            itemSeparator = indent == null ? ", " : ",";
            keySeparator = ": ";
        } else {
            List<Object> pair = Iteration.list(budget, separators);
            if (pair.size() != 2) {
                throw TemplateError.of("tojson: separators are a pair such as (',', ':')");
            }
            itemSeparator = StringMethods.string("tojson", pair.get(0));
            keySeparator = StringMethods.string("tojson", pair.get(1));
        }
    }

    /** {@code value | tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False)}. */
    static Object filter(RenderBudget budget, Object value, Args args) {
        Object[] a = args.bind("tojson", "ensure_ascii?", "indent?", "separators?", "sort_keys?");
        Object indent = Args.given(a[1], null);
        JsonFilter json = new JsonFilter(
                budget,
                Args.flag(a[0]),
                indent == null || indent instanceof String
                        ? (String) indent
                        : " ".repeat(Math.min(1000, Math.max(0, PythonNumbers.index(indent, "indent")))),
                Args.given(a[2], null),
                Args.flag(a[3]));
        json.write(value, "\n");
        return json.out.toString();
    }

    private void write(Object value, String line) {
        budget.step();
        if (value instanceof Map) {
            writeDict(Types.dict(value), line);
        } else if (value instanceof List && !(value instanceof Range)) {
            writeList(Types.list(value), line);
        } else if (Types.text(value) != null) {
            quote(Types.text(value));
        } else {
            String scalar = scalar(value);
            budget.made(out.length(), scalar.length());
            out.append(scalar);
        }
        budget.made(out.length(), 2);
    }

    private static String scalar(Object value) {
        if (value == null) {
            return "null";
        }
        if (value instanceof Double real) {
            return real.isNaN()
                    ? "NaN"
                    : real.isInfinite() ? (real > 0 ? "Infinity" : "-Infinity") : PythonNumbers.print(real);
        }
        if (value instanceof Boolean || value instanceof Long || value instanceof BigInteger) {
            PythonNumbers.charge(value, value);
            return value.toString();
        }
        throw TemplateError.of("Object of type " + Types.name(value) + " is not JSON serializable");
    }

    private void writeList(List<Object> items, String line) {
        if (items.isEmpty()) {
            out.append("[]");
            return;
        }
        String inner = indent == null ? "" : line + indent;
        String separator = "[";
        for (Object item : items) {
            budget.made(out.length(), separator.length() + (long) inner.length());
            out.append(separator).append(inner);
            write(item, inner);
            separator = itemSeparator;
        }
        out.append(indent == null ? "" : line).append(']');
    }

    private void writeDict(Map<Object, Object> dict, String line) {
        if (dict.isEmpty()) {
            out.append("{}");
            return;
        }
        List<Map.Entry<Object, Object>> entries = new ArrayList<>(dict.entrySet());
        if (sorted) {
            entries.sort((a, b) -> PythonComparison.equal(a.getKey(), b.getKey())
                    ? 0
                    : PythonComparison.order("<", a.getKey(), b.getKey()));
        }
        String inner = indent == null ? "" : line + indent;
        String separator = "{";
        for (Map.Entry<Object, Object> entry : entries) {
            budget.made(out.length(), separator.length() + (long) inner.length());
            out.append(separator).append(inner);
            quote(key(entry.getKey()));
            out.append(keySeparator);
            write(entry.getValue(), inner);
            separator = itemSeparator;
        }
        out.append(indent == null ? "" : line).append('}');
    }

    private static String key(Object key) {
        String text = Types.text(key);
        if (text != null) {
            return text;
        }
        if (key instanceof List) {
            throw TemplateError.of("keys must be str, int, float, bool or None, not " + Types.name(key));
        }
        return scalar(key);
    }

    private void quote(String text) {
        RenderBudget.read(4L * text.length());
        budget.made(out.length() + (long) text.length(), text.length());
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
                        out.append(c == 0x7f ? "\u007f" : String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
        budget.made(out.length(), out.length() - (long) before);
    }
}
