package io.github.psft4j.config;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The types that settings have. */
public final class KeyTypes {

    /** Words that YAML readers take for nothing but text. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/.][A-Za-z0-9_./+-]*");

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private static final List<String> NOT_PLAIN =
            List.of("true", "false", "null", "yes", "no", "on", "off", "y", "n", ".", "~");

    private KeyTypes() {}

    /** A type of scalars: how to read them, whether they are allowed, what is allowed. */
    private static <T> KeyType<T> scalar(
            String description, Function<String, T> read, Predicate<T> allowed, Function<T, String> format) {
        return new KeyType<>() {
            @Override
            public T parse(Node node) {
                if (!(node instanceof Node.Scalar scalar) || scalar.text() == null) {
                    throw new IllegalArgumentException(description + ", was " + shown(node));
                }
                T value;
                try {
                    value = read.apply(scalar.text().strip());
                } catch (IllegalArgumentException e) {
                    value = null; // told below in the words of the key, not of the parser
                }
                if (value == null || !allowed.test(value)) {
                    throw new IllegalArgumentException(description + ", was " + shown(node));
                }
                return value;
            }

            @Override
            public String describe() {
                return description;
            }

            @Override
            public String format(T value) {
                return format.apply(value);
            }
        };
    }

    /** A whole number of at least {@code min}. */
    public static KeyType<Integer> integer(int min) {
        return scalar("a whole number >= " + min, KeyTypes::wholeNumber, n -> n >= min, String::valueOf);
    }

    private static Integer wholeNumber(String text) {
        return Integer.valueOf(text.replace("_", ""));
    }

    /** Any whole number of 64 bits. */
    public static KeyType<Long> longNumber() {
        return scalar("a whole number", Long::valueOf, n -> true, String::valueOf);
    }

    /** A finite number that passes the test. */
    public static KeyType<Double> real(String rule, Predicate<Double> allowed) {
        return scalar(
                "a number " + rule,
                KeyTypes::decimal,
                n -> Double.isFinite(n) && allowed.test(n),
                n -> String.valueOf((double) n));
    }

    private static Double decimal(String text) {
        char last = text.isEmpty() ? ' ' : text.charAt(text.length() - 1);
        return last == 'd' || last == 'f' || last == 'D' || last == 'F' ? null : Double.valueOf(text);
    }

    /** {@code true} or {@code false}. */
    public static KeyType<Boolean> bool() {
        return scalar(
                "true or false",
                text -> switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> null;
                },
                b -> true,
                String::valueOf);
    }

    /** One of some words. */
    public static KeyType<String> oneOf(String... words) {
        List<String> all = List.of(words);
        String description = all.subList(0, all.size() - 1).stream().collect(Collectors.joining(", ")) + " or "
                + all.get(all.size() - 1);
        return scalar(description, text -> text, all::contains, KeyTypes::text);
    }

    /** Text that is not empty. */
    public static KeyType<String> string(String description) {
        return scalar(description, text -> text, text -> !text.isEmpty(), KeyTypes::text);
    }

    /** Text that can be a path here: not empty, no NUL, and on Windows none of the characters that names cannot have. */
    public static KeyType<String> path(String description) {
        return scalar(description, text -> text, text -> !text.isEmpty() && isPath(text), KeyTypes::text);
    }

    private static boolean isPath(String text) {
        try {
            return text.startsWith("http") || Bundled.resolve(text) != null;
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** Any text, also the empty one. */
    public static KeyType<String> anyText() {
        KeyType<String> plain = scalar("text", text -> text, text -> true, KeyTypes::text);
        return new KeyType<>() {
            @Override
            public String parse(Node node) {
                return node instanceof Node.Scalar scalar && scalar.text() != null
                        ? scalar.text() // spaces and line breaks count
                        : plain.parse(node);
            }

            @Override
            public boolean acceptsEmpty() {
                return true;
            }

            @Override
            public String describe() {
                return plain.describe();
            }

            @Override
            public String format(String value) {
                return plain.format(value);
            }
        };
    }

    /** Some values of one type; a single value may stand without brackets. */
    public static <T> KeyType<List<T>> list(KeyType<T> element, String description) {
        return new KeyType<>() {
            @Override
            public List<T> parse(Node node) {
                List<Node> items = node instanceof Node.Items list ? list.items() : List.of(node);
                List<T> out = new ArrayList<>();
                for (Node item : items) {
                    out.add(element.parse(item));
                }
                return List.copyOf(out);
            }

            @Override
            public String describe() {
                return description;
            }

            @Override
            public String format(List<T> values) {
                return values.stream().map(element::format).collect(Collectors.joining(", ", "[", "]"));
            }
        };
    }

    /** A list of exactly two numbers. */
    public static KeyType<List<Double>> pair(KeyType<Double> element, String description) {
        KeyType<List<Double>> list = list(element, description);
        return new KeyType<>() {
            @Override
            public List<Double> parse(Node node) {
                List<Double> values = list.parse(node);
                if (values.size() != 2) {
                    throw new IllegalArgumentException(description + ", was " + shown(node));
                }
                return values;
            }

            @Override
            public String describe() {
                return description;
            }

            @Override
            public String format(List<Double> value) {
                return list.format(value);
            }
        };
    }

    /** Names with a text each. */
    public static KeyType<Map<String, String>> texts(String description) {
        return new KeyType<>() {
            @Override
            public Map<String, String> parse(Node node) {
                if (!(node instanceof Node.Table table)) {
                    throw new IllegalArgumentException(description + ", was " + shown(node));
                }
                Map<String, String> out = new LinkedHashMap<>();
                table.entries().forEach((name, value) -> {
                    if (!(value instanceof Node.Scalar scalar) || scalar.text() == null) {
                        throw new IllegalArgumentException(description + ", was " + shown(value) + " at " + name);
                    }
                    out.put(name, scalar.text());
                });
                return Map.copyOf(out);
            }

            @Override
            public String describe() {
                return description;
            }

            @Override
            public String format(Map<String, String> value) {
                return value.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(e -> text(e.getKey()) + ": " + text(e.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"));
            }
        };
    }

    /** Numbers and words as they are, other text quoted. */
    static String scalarText(String value) {
        return NUMBER.matcher(value).matches() || value.equals("true") || value.equals("false") ? value : text(value);
    }

    /** Text as YAML, quoted where it could be read as anything else. */
    static String text(String value) {
        if (PLAIN.matcher(value).matches() && !NOT_PLAIN.contains(value.toLowerCase(Locale.ROOT))) {
            return value;
        }
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(value)) + '"';
    }

    /** A value as a message shows it, shortened. */
    static String shown(Node node) {
        if (node instanceof Node.Items items) {
            return "a list of " + items.items().size();
        }
        if (node instanceof Node.Table) {
            return "a section";
        }
        String text = ((Node.Scalar) node).text();
        if (text == null || text.isEmpty()) {
            return "empty";
        }
        return '"' + (text.length() > 60 ? text.substring(0, 60) + "..." : text) + '"';
    }
}
