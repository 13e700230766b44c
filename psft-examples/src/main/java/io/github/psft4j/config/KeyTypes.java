package io.github.psft4j.config;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.train.optimizer.Betas;
import java.nio.file.InvalidPathException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How settings are read and written, by the types of their components. */
final class KeyTypes {

    /** Words that YAML readers take for nothing but text. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/.][A-Za-z0-9_./+-]*");

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private static final List<String> NOT_PLAIN =
            List.of("true", "false", "null", "yes", "no", "on", "off", "y", "n", ".", "~");

    private KeyTypes() {}

    @SuppressWarnings("unchecked") // the reader makes what the component holds
    static KeyType<Object> of(Setting setting) {
        return (KeyType<Object>) typed(setting);
    }

    private static KeyType<?> typed(Setting setting) {
        Class<?> type = setting.type();
        if (type == List.class) {
            KeyType<String> element = word(setting);
            return list(
                    element,
                    setting.has(Words.class)
                            ? "some of " + joined(words(setting), " and ")
                            : text(setting) == null ? "texts" : element.describe());
        }
        if (type == Map.class) {
            return texts(text(setting).value());
        }
        if (type == String.class) {
            return word(setting);
        }
        if (type == Betas.class) {
            return pair(ranged("two numbers", setting), setting);
        }
        if (type == RefreshSchedule.class) {
            return scalar(
                    "macro, never or a number of optimizer steps >= 1", RefreshSchedule::parse, RefreshSchedule::word);
        }
        if (type.isEnum()) {
            List<String> words = setting.has(Words.class)
                    ? words(setting)
                    : Arrays.stream(type.getEnumConstants())
                            .map(KeyTypes::lower)
                            .toList();
            return scalar(
                    joined(words, " or "),
                    word -> words.contains(word) ? setting.convert(word) : null,
                    KeyTypes::lower);
        }
        if (type == boolean.class) {
            return scalar("true or false", setting::convert, String::valueOf);
        }
        Function<String, Number> read = type == double.class
                ? KeyTypes::decimal
                : type == long.class ? Long::valueOf : text -> Integer.valueOf(text.replace("_", ""));
        return scalar(
                ranged(type == double.class ? "a number" : "a whole number", setting),
                text -> allowed(setting, read.apply(text)),
                String::valueOf);
    }

    private static String ranged(String what, Setting setting) {
        return (what + " " + setting.range()).strip();
    }

    private static <T> T allowed(Setting setting, T value) {
        return value != null && setting.allows(value) ? value : null;
    }

    private static String lower(Object constant) {
        return constant.toString().toLowerCase(Locale.ROOT);
    }

    private static List<String> words(Setting setting) {
        return List.of(setting.component().getAnnotation(Words.class).value());
    }

    private static Text text(Setting setting) {
        return setting.component().getAnnotation(Text.class);
    }

    private static String joined(List<String> words, String last) {
        return String.join(", ", words.subList(0, words.size() - 1)) + last + words.get(words.size() - 1);
    }

    /** Scalars: the reader returns null or throws for what is not allowed. */
    private static <T> KeyType<T> scalar(String description, Function<String, T> read, Function<T, String> write) {
        return new KeyType<>(
                description,
                node -> {
                    T value = null;
                    if (node instanceof Node.Scalar scalar && scalar.text() != null) {
                        try {
                            value = read.apply(scalar.text().strip());
                        } catch (IllegalArgumentException e) {
                            value = null; // the message below has the words of the key, not of the parser
                        }
                    }
                    if (value == null) {
                        throw new IllegalArgumentException(description + ", was " + shown(node));
                    }
                    return value;
                },
                write);
    }

    /** A number as all settings write it, such as 0.5, .5 or 1e3; null for other text. */
    static Double decimal(String text) {
        char last = text.isEmpty() ? ' ' : text.charAt(text.length() - 1);
        try {
            return last == 'd' || last == 'f' || last == 'D' || last == 'F' ? null : Double.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** One of some words, or text. */
    private static KeyType<String> word(Setting setting) {
        if (setting.has(Words.class)) {
            List<String> words = words(setting);
            return scalar(joined(words, " or "), word -> words.contains(word) ? word : null, KeyTypes::quoted);
        }
        Text rule = text(setting);
        if (rule == null) { // a record of the library, which knows no texts
            KeyType<String> any = scalar("text", text -> text, KeyTypes::quoted);
            return new KeyType<>("text", node -> unstripped(node, any), KeyTypes::quoted);
        }
        KeyType<String> stripped = scalar(
                rule.value(), text -> text.isEmpty() || rule.path() && !isPath(text) ? null : text, KeyTypes::quoted);
        return !rule.orEmpty()
                ? stripped
                : new KeyType<>(rule.value(), node -> unstripped(node, stripped), KeyTypes::quoted, true);
    }

    /** The text as it is, because spaces and line breaks count. */
    private static String unstripped(Node node, KeyType<String> otherwise) {
        return node instanceof Node.Scalar scalar && scalar.text() != null ? scalar.text() : otherwise.parse(node);
    }

    /** Whether it can be a path here: no NUL, and on Windows none of the characters that names cannot have. */
    private static boolean isPath(String text) {
        try {
            return text.startsWith("http") || Bundled.resolve(text) != null;
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** Some values of one type; a single value may stand without brackets. */
    private static KeyType<List<String>> list(KeyType<String> element, String description) {
        return new KeyType<>(
                description,
                node -> items(node).stream().map(element::parse).toList(),
                values -> values.stream().map(element::format).collect(Collectors.joining(", ", "[", "]")));
    }

    private static List<Node> items(Node node) {
        return node instanceof Node.Items list ? list.items() : List.of(node);
    }

    private static KeyType<Betas> pair(String description, Setting setting) {
        KeyType<Double> element = scalar(description, KeyTypes::decimal, String::valueOf);
        return new KeyType<>(
                description,
                node -> {
                    List<Double> values =
                            items(node).stream().map(element::parse).toList();
                    Betas betas = values.size() == 2 ? new Betas(values.get(0), values.get(1)) : null;
                    if (allowed(setting, betas) == null) {
                        throw new IllegalArgumentException(description + ", was " + shown(node));
                    }
                    return betas;
                },
                betas -> "[" + betas.beta1() + ", " + betas.beta2() + "]");
    }

    /** Names with a text each. */
    private static KeyType<Map<String, String>> texts(String description) {
        return new KeyType<>(
                description,
                node -> {
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
                },
                value -> value.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(e -> quoted(e.getKey()) + ": " + quoted(e.getValue()))
                        .collect(Collectors.joining(", ", "{", "}")));
    }

    /** Numbers and words as they are, other text quoted. */
    static String scalarText(String value) {
        return NUMBER.matcher(value).matches() || value.equals("true") || value.equals("false") ? value : quoted(value);
    }

    /** Text as YAML, quoted where it could be read as anything else. */
    private static String quoted(String value) {
        if (PLAIN.matcher(value).matches() && !NOT_PLAIN.contains(value.toLowerCase(Locale.ROOT))) {
            return value;
        }
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(value)) + '"';
    }

    /** A value as a message shows it, shortened. */
    static String shown(Node node) {
        if (node instanceof Node.Items items) {
            return brief(items.items().stream().map(KeyTypes::shown).collect(Collectors.joining(", ", "[", "]")));
        }
        if (node instanceof Node.Table) {
            return "a section";
        }
        String text = ((Node.Scalar) node).text();
        if (text == null || text.isEmpty()) {
            return "empty";
        }
        return '"' + brief(text) + '"';
    }

    private static String brief(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "..." : text;
    }
}
