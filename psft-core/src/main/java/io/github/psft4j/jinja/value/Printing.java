package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** {@code str(value)} and {@code repr(value)}. */
public final class Printing {
    private static final int LONGEST = 1 << 24;

    private Printing() {}

    public static String str(Object value) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof Markup safe) {
            return safe.text();
        }
        return value instanceof Undefined ? "" : repr(value);
    }

    public static String repr(Object value) {
        if (value instanceof String text) {
            return quote(text);
        }
        StringBuilder out = new StringBuilder();
        print(value, out);
        Budget.made(out.length());
        return out.toString();
    }

    private static void print(Object value, StringBuilder out) {
        Budget.step();
        TemplateError.when(out.length() > LONGEST, "the printed form of a value is longer than %s characters", LONGEST);
        if (value == null) {
            out.append("None");
        } else if (value instanceof String text) {
            out.append(quote(text));
        } else if (value instanceof Boolean flag) {
            out.append(flag ? "True" : "False");
        } else if (value instanceof Long || value instanceof BigInteger) {
            PythonNumbers.charge(value, value);
            out.append(value);
        } else if (value instanceof Double real) {
            out.append(PythonNumbers.print(real));
        } else if (value instanceof Range range) {
            printRange(range, out);
        } else if (value instanceof Tuple tuple) {
            printAll(tuple, out, "(", tuple.size() == 1 ? ",)" : ")", Printing::print);
        } else if (value instanceof List<?> list) {
            printAll(list, out, "[", "]", Printing::print);
        } else if (value instanceof Map<?, ?> dict) {
            printAll(dict.entrySet(), out, "{", "}", Printing::printEntry);
        } else {
            printObject(value, out);
        }
    }

    private static void printRange(Range range, StringBuilder out) {
        out.append("range(").append(range.start).append(", ").append(range.stop);
        if (range.step != 1) {
            out.append(", ").append(range.step);
        }
        out.append(')');
    }

    private static <T> void printAll(
            Iterable<T> items, StringBuilder out, String open, String close, BiConsumer<? super T, StringBuilder> one) {
        out.append(open);
        String separator = "";
        for (T item : items) {
            out.append(separator);
            one.accept(item, out);
            separator = ", ";
        }
        out.append(close);
    }

    private static void printEntry(Map.Entry<?, ?> entry, StringBuilder out) {
        print(entry.getKey(), out);
        out.append(": ");
        print(entry.getValue(), out);
    }

    private static void printObject(Object value, StringBuilder out) {
        if (value instanceof Undefined) {
            out.append("Undefined");
        } else if (value instanceof Markup safe) {
            out.append("Markup(").append(quote(safe.text())).append(')');
        } else if (value instanceof DictView view) {
            printAll(view.items(), out, view.type() + "([", "])", Printing::print);
        } else if (value instanceof Namespace namespace) {
            out.append("<Namespace ");
            print(namespace.attributes(), out);
            out.append('>');
        } else if (value instanceof PythonObject object) {
            out.append(object.repr());
        } else {
            out.append('<').append(Types.name(value)).append(" object>");
        }
    }

    /** A string literal with single quotes, or double quotes if that saves escapes. */
    public static String quote(String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        Budget.read(2L * text.length());
        Budget.made(text.length());
        StringBuilder out = new StringBuilder(text.length() + 2).append(quote);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c == quote || c == '\\') {
                        out.append('\\').append((char) c);
                    } else if (PythonStrings.isPrintable(c)) {
                        out.appendCodePoint(c);
                    } else {
                        out.append(String.format(c < 256 ? "\\x%02x" : c < 65536 ? "\\u%04x" : "\\U%08x", c));
                    }
                }
            }
        }
        return out.append(quote).toString();
    }
}
