package io.github.psft4j.loss;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A registered objective: everything is read off its record, so that code and listing cannot differ. */
final class ObjectiveSpec {

    private final TokenObjective defaults;
    private final List<ObjectiveParameter> parameters;

    ObjectiveSpec(TokenObjective defaults) {
        Class<?> type = defaults.getClass();
        if (!type.isRecord() || !type.isAnnotationPresent(Doc.class)) {
            throw new IllegalStateException(
                    "registered objective " + type.getName() + " must be a record with a @Doc line");
        }
        this.defaults = defaults;
        this.parameters =
                Arrays.stream(type.getRecordComponents()).map(this::parameter).toList();
    }

    private ObjectiveParameter parameter(RecordComponent component) {
        Doc doc = component.getAnnotation(Doc.class);
        if (doc == null) {
            throw new IllegalStateException("parameter " + component.getName() + " of "
                    + defaults.getClass().getName() + " needs a @Doc line");
        }
        try {
            Object value = component.getAccessor().invoke(defaults);
            return new ObjectiveParameter(component.getName(), component.getType(), value, doc.value());
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("cannot read " + component + "; make the objective a public record", e);
        }
    }

    String name() {
        return defaults.name();
    }

    String doc() {
        return defaults.getClass().getAnnotation(Doc.class).value();
    }

    List<ObjectiveParameter> parameters() {
        return parameters;
    }

    TokenObjective create(Map<String, ?> given) {
        List<String> known = parameters.stream().map(ObjectiveParameter::name).toList();
        for (String key : given.keySet()) {
            if (known.stream().noneMatch(k -> Names.normal(k).equals(Names.normal(key)))) {
                throw new IllegalArgumentException("objective " + name() + " has no parameter '" + key + "'"
                        + (known.isEmpty()
                                ? "; it has none"
                                : "; did you mean '" + Names.nearest(key, known) + "'? It has " + known));
            }
        }
        List<Object> values = new ArrayList<>();
        for (ObjectiveParameter p : parameters) {
            Object value = p.defaultValue();
            for (Map.Entry<String, ?> entry : given.entrySet()) {
                if (Names.normal(entry.getKey()).equals(Names.normal(p.name()))) {
                    value = p.convert(name(), entry.getValue());
                }
            }
            values.add(value);
        }
        return construct(values);
    }

    private TokenObjective construct(List<Object> values) {
        Class<?>[] types = parameters.stream().map(ObjectiveParameter::type).toArray(Class<?>[]::new);
        try {
            return (TokenObjective) defaults.getClass().getConstructor(types).newInstance(values.toArray());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw new IllegalArgumentException("objective " + name() + ": " + refused.getMessage(), refused);
            }
            throw new IllegalStateException("cannot create objective " + name(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(defaults.getClass() + " must be a public record", e);
        }
    }
}
