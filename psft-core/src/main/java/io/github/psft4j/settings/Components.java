package io.github.psft4j.settings;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The components of a public record by name, as a builder collects them. One that was not given is 0, false or null.
 *
 * @param <R> the record
 */
public final class Components<R> {

    private final Class<R> type;
    private final Map<String, Object> values = new LinkedHashMap<>(); // in the order of the record

    public Components(Class<R> type) {
        this.type = type;
        for (RecordComponent component : type.getRecordComponents()) {
            values.put(component.getName(), Array.get(Array.newInstance(component.getType(), 1), 0));
        }
    }

    /** Those of a record as it is. */
    @SuppressWarnings("unchecked")
    public static <R extends Record> Components<R> of(R record) {
        Components<R> components = new Components<>((Class<R>) record.getClass());
        components.values.putAll(Setting.values(record));
        return components;
    }

    /** @throws IllegalArgumentException if the record has no such component */
    public Components<R> set(String component, Object value) {
        if (!values.containsKey(component)) {
            throw new IllegalArgumentException(type.getName() + " has no component " + component);
        }
        values.put(component, value);
        return this;
    }

    /**
     * The record.
     *
     * @throws IllegalArgumentException if its constructor refuses a value
     */
    public R build() {
        Class<?>[] types = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            return type.getConstructor(types).newInstance(values.values().toArray());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IllegalStateException("cannot create " + type.getName(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " must be a public record", e);
        }
    }
}
