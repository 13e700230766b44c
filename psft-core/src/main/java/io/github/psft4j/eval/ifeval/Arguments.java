package io.github.psft4j.eval.ifeval;

import io.github.psft4j.io.Shown;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The arguments of one instruction, a row's element of {@code kwargs}. */
final class Arguments {

    private final String id;
    private final Map<String, ?> values;

    Arguments(String id, Map<String, ?> values) {
        this.id = id;
        this.values = values;
    }

    /** A whole number, 0 or more. */
    int count(String name) {
        Object value = required(name, "a whole number");
        if (value instanceof Number number && number.doubleValue() == number.intValue() && number.intValue() >= 0) {
            return number.intValue();
        }
        throw wrong(name, "must be a whole number of 0 or more", value);
    }

    String text(String name) {
        Object value = required(name, "a text");
        if (value instanceof String text && !text.isBlank()) {
            return text;
        }
        throw wrong(name, "must be a text", value);
    }

    List<String> texts(String name) {
        Object value = required(name, "a list of texts");
        if (value instanceof List<?> list
                && !list.isEmpty()
                && list.stream().allMatch(e -> e instanceof String text && !text.isBlank())) {
            return list.stream().map(String.class::cast).toList();
        }
        throw wrong(name, "must be a list of texts", value);
    }

    /** Whether a count has the wanted relation to the threshold. */
    IntPredicate relation(String relationName, String thresholdName) {
        int threshold = count(thresholdName);
        String relation = text(relationName);
        return switch (relation) {
            case "at least" -> count -> count >= threshold;
            case "less than" -> count -> count < threshold;
            default -> throw wrong(relationName, "must be 'at least' or 'less than'", relation);
        };
    }

    /** A regular expression around a text of an argument, in which the text itself is one, too. */
    Pattern pattern(String name, String text, String before, String after) {
        try {
            return Pattern.compile(
                    before + "(?:" + text + ")" + after,
                    Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.UNIX_LINES);
        } catch (PatternSyntaxException e) {
            throw wrong(
                    name, "must be a regular expression (" + e.getDescription() + "; write \\ before a sign)", text);
        }
    }

    private Object required(String name, String kind) {
        Object value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "instruction " + id + ": kwargs has no '" + name + "'; it needs " + kind);
        }
        return value;
    }

    IllegalArgumentException wrong(String name, String must, Object value) {
        return new IllegalArgumentException(
                "instruction " + id + ": '" + name + "' " + must + ", was " + Shown.brief(value));
    }
}
