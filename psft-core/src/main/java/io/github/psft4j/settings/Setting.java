package io.github.psft4j.settings;

import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * One setting. Everything about it is read off the component of the record that declares it, so that the Java API, the
 * configuration and the documentation cannot differ.
 *
 * @param component the declaration
 * @param doc from {@link Doc}
 * @param defaultValue null if it must be given or {@link Value#otherwise} says what null stands for
 */
public record Setting(RecordComponent component, String doc, Object defaultValue) {

    private static final ClassValue<List<Setting>> DECLARED = new ClassValue<>() {
        @Override
        protected List<Setting> computeValue(Class<?> type) {
            return all(type, component -> {
                Value value = component.getAnnotation(Value.class);
                return value == null || value.initial().length == 0 ? null : convert(component, value.initial()[0]);
            });
        }
    };

    /** The settings of a record in their order, with defaults from {@link Value}. */
    public static List<Setting> of(Class<? extends Record> type) {
        return DECLARED.get(type);
    }

    /** The settings of a public record in their order, with the values of an instance as defaults. */
    public static List<Setting> of(Record defaults) {
        Map<String, Object> values = values(defaults);
        return all(defaults.getClass(), component -> values.get(component.getName()));
    }

    private static List<Setting> all(Class<?> type, Function<RecordComponent, Object> defaults) {
        return Arrays.stream(type.getRecordComponents())
                .map(component -> {
                    Doc doc = component.getAnnotation(Doc.class);
                    if (doc == null) {
                        throw new IllegalStateException(component + " of " + type.getName() + " needs a @Doc line");
                    }
                    return new Setting(component, doc.value(), defaults.apply(component));
                })
                .toList();
    }

    /** The values of a public record by component. */
    public static Map<String, Object> values(Record settings) {
        Map<String, Object> out = new LinkedHashMap<>();
        for (RecordComponent component : settings.getClass().getRecordComponents()) {
            try {
                out.put(component.getName(), component.getAccessor().invoke(settings));
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("cannot read " + component + "; make its record public", e);
            }
        }
        return out;
    }

    /**
     * The record with these values.
     *
     * @param values by component; the others have their defaults
     */
    public static <R extends Record> R create(Class<R> type, Map<String, ?> values) {
        return create(type, of(type), values);
    }

    /** The same for settings whose defaults come from an instance. */
    public static <R> R create(Class<R> type, List<Setting> settings, Map<String, ?> values) {
        Components<R> components = new Components<>(type);
        settings.forEach(
                s -> components.set(s.name(), values.containsKey(s.name()) ? values.get(s.name()) : s.defaultValue()));
        return components.build();
    }

    /**
     * Checks the components of a record that its constructor was given, in their order.
     *
     * @throws IllegalArgumentException naming one that is null, or else all that are out of range
     */
    public static void check(Class<? extends Record> type, Object... values) {
        List<Setting> settings = of(type);
        List<ParameterException> faults = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            Setting setting = settings.get(i);
            if (values[i] == null && setting.otherwise().isEmpty()) {
                throw new IllegalArgumentException(setting.name() + " must not be null; leave it out for the default");
            }
            if (values[i] != null && !setting.allows(values[i])) {
                faults.add(new ParameterException(setting.name(), "must be " + setting.range() + ", was " + values[i]));
            }
        }
        ParameterException.throwAll(faults);
    }

    /** Name in Java, such as {@code epsHigh}. */
    public String name() {
        return component.getName();
    }

    /** Name in configurations, such as {@code eps_high}. */
    public String key() {
        return key(component);
    }

    /** Name in configurations of a component, also of one that declares nothing: {@code macro_batch}. */
    public static String key(RecordComponent component) {
        Value value = component.getAnnotation(Value.class);
        return value == null || value.name().isEmpty()
                ? component.getName().replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT)
                : value.name();
    }

    private String value(Function<Value, String> part) {
        Value value = component.getAnnotation(Value.class);
        return value == null ? "" : part.apply(value);
    }

    public Class<?> type() {
        return component.getType();
    }

    /** Whether the declaration carries an annotation. */
    public boolean has(Class<? extends Annotation> annotation) {
        return component.isAnnotationPresent(annotation);
    }

    /** What null stands for, empty if the setting may not be null. */
    public String otherwise() {
        return value(Value::otherwise);
    }

    /** Which numbers are allowed, empty for all. */
    public String range() {
        return value(Value::range);
    }

    /** Whether a value is in range. */
    public boolean allows(Object value) {
        if (range().isEmpty()) {
            return true;
        }
        if (value instanceof Record numbers) {
            return values(numbers).values().stream().allMatch(this::allows);
        }
        double number = ((Number) value).doubleValue();
        return Double.isFinite(number)
                && Arrays.stream(range().split(" and ")).allMatch(bound -> holds(bound.split(" "), number));
    }

    private static boolean holds(String[] bound, double number) {
        double limit = Double.parseDouble(bound[1]);
        return switch (bound[0]) {
            case ">=" -> number >= limit;
            case ">" -> number > limit;
            case "<=" -> number <= limit;
            case "<" -> number < limit;
            default -> throw new IllegalStateException("no bound: " + bound[0]);
        };
    }

    /** Name of the type for people: {@code number}, {@code integer}, {@code true|false}, or an enumeration's values. */
    public String typeName() {
        if (type() == double.class) {
            return "number";
        }
        if (type() == boolean.class) {
            return "true|false";
        }
        if (type() == String.class) {
            return "text";
        }
        return type().isEnum()
                ? String.join(
                        "|",
                        Arrays.stream(type().getEnumConstants())
                                .map(v -> v.toString().toLowerCase(Locale.ROOT))
                                .toList())
                : "integer";
    }

    /**
     * The value as this setting's type.
     *
     * @param value a number, boolean, enumeration value, or any of them as text
     * @throws ParameterException naming setting, value and type
     */
    public Object convert(Object value) {
        try {
            return convert(component, value);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(name(), "must be " + typeName() + ", was '" + value + "'");
        }
    }

    private static Object convert(RecordComponent component, Object value) {
        Class<?> type = component.getType();
        String text = String.valueOf(value).trim();
        if (type == double.class) {
            return value instanceof Number n ? n.doubleValue() : Double.parseDouble(text);
        }
        if (type == int.class) {
            return value instanceof Number n ? whole(n.doubleValue()) : Integer.parseInt(text);
        }
        if (type == long.class) {
            return Long.parseLong(text);
        }
        if (type == boolean.class) {
            if (!text.equals("true") && !text.equals("false")) {
                throw new IllegalArgumentException(text);
            }
            return Boolean.valueOf(text);
        }
        if (type.isEnum()) {
            return enumOf(type, text);
        }
        if (type == List.class) {
            return text.isEmpty() ? List.of() : List.of(text.split(", "));
        }
        return type == String.class ? text : type == Map.class ? Map.of() : parse(type, text);
    }

    /** A type of the library's own, which reads its text itself. */
    private static Object parse(Class<?> type, String text) {
        try {
            Method parse = type.getMethod("parse", String.class);
            return parse.invoke(null, text);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " has no parse(String) that reads " + text, e);
        }
    }

    private static int whole(double value) {
        if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
            throw new NumberFormatException("not a whole number");
        }
        return (int) value;
    }

    private static Object enumOf(Class<?> type, String text) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> normal(constant.toString()).equals(normal(text)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(text));
    }

    /** A name as people may spell it: {@code eps_high}, {@code eps-high} and {@code epsHigh} are one. */
    public static String normal(String name) {
        return name.replace("_", "").replace("-", "").trim().toLowerCase(Locale.ROOT);
    }
}
