package io.github.psft4j.loss;

import java.util.Arrays;
import java.util.Locale;

/**
 * A parameter of a registered objective.
 *
 * @param name as written in configurations, such as {@code epsHigh}
 * @param type double, int, boolean or an enumeration
 * @param defaultValue of that type
 * @param doc one line: meaning, range, unit
 */
public record ObjectiveParameter(String name, Class<?> type, Object defaultValue, String doc) {

    /** Name of the type for people: {@code number}, {@code integer}, {@code true|false}, or an enumeration's values. */
    public String typeName() {
        if (type == double.class) {
            return "number";
        }
        if (type == int.class) {
            return "integer";
        }
        if (type == boolean.class) {
            return "true|false";
        }
        return String.join(
                "|",
                Arrays.stream(type.getEnumConstants())
                        .map(v -> v.toString().toLowerCase(Locale.ROOT))
                        .toList());
    }

    /**
     * The value as this parameter's type.
     *
     * @param value a number, boolean, enumeration value, or any of them as text
     * @throws IllegalArgumentException naming parameter, value and type
     */
    Object convert(String objective, Object value) {
        try {
            if (type == double.class) {
                return value instanceof Number n ? n.doubleValue() : Double.parseDouble(text(value));
            }
            if (type == int.class) {
                return value instanceof Number n ? whole(n.doubleValue()) : Integer.parseInt(text(value));
            }
            if (type == boolean.class
                    && (text(value).equals("true") || text(value).equals("false"))) {
                return Boolean.valueOf(text(value));
            }
            if (type.isEnum()) {
                for (Object constant : type.getEnumConstants()) {
                    if (Names.normal(constant.toString()).equals(Names.normal(text(value)))) {
                        return constant;
                    }
                }
            }
        } catch (NumberFormatException e) {
            throw refused(objective, value, e);
        }
        throw refused(objective, value, null);
    }

    private static int whole(double value) {
        if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
            throw new NumberFormatException("not a whole number");
        }
        return (int) value;
    }

    private static String text(Object value) {
        return String.valueOf(value).trim();
    }

    private IllegalArgumentException refused(String objective, Object value, Exception cause) {
        return new IllegalArgumentException(
                "parameter " + name + " of objective " + objective + " must be " + typeName() + ", was '" + value + "'",
                cause);
    }
}
