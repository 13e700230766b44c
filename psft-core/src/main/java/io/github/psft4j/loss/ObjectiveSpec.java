package io.github.psft4j.loss;

import io.github.psft4j.io.NearestName;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A registered objective: everything is read off its record, so that code and listing cannot differ. */
final class ObjectiveSpec {

    private final TokenObjective defaults;
    private final List<Setting> parameters;

    ObjectiveSpec(TokenObjective defaults) {
        if (!(defaults instanceof Record record) || !record.getClass().isAnnotationPresent(Doc.class)) {
            throw new IllegalStateException(
                    "registered objective " + defaults.getClass().getName() + " must be a record with a @Doc line");
        }
        this.defaults = defaults;
        this.parameters = Setting.of(record);
    }

    String name() {
        return defaults.name();
    }

    String doc() {
        return defaults.getClass().getAnnotation(Doc.class).value();
    }

    List<Setting> parameters() {
        return parameters;
    }

    /**
     * The objective with these parameters, the others at their defaults.
     *
     * @throws ParameterException naming the parameter whose value is refused
     */
    TokenObjective create(Map<String, ?> given) {
        Map<String, Object> values = new LinkedHashMap<>();
        given.forEach((name, value) -> {
            Setting parameter = parameter(name);
            try {
                values.put(parameter.name(), parameter.convert(value));
            } catch (ParameterException e) {
                throw e.as("parameter " + e.name() + " of objective " + name());
            }
        });
        try {
            return Setting.create(defaults.getClass(), parameters, values);
        } catch (ParameterException e) {
            throw e.as("objective " + name() + ": " + e.name());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("objective " + name() + ": " + e.getMessage(), e);
        }
    }

    private Setting parameter(String name) {
        return parameters.stream()
                .filter(p -> Setting.normal(p.name()).equals(Setting.normal(name)))
                .findFirst()
                .orElseThrow(() -> {
                    List<String> known = parameters.stream().map(Setting::name).toList();
                    return new IllegalArgumentException("objective " + name() + " has no parameter '" + name + "'"
                            + (known.isEmpty()
                                    ? "; it has none"
                                    : "; did you mean '" + nearest(name, known) + "'? It has " + known));
                });
    }

    /** The known name with the fewest edits, without case, hyphens and underscores; empty if there is none at all. */
    static String nearest(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(k -> NearestName.distance(Setting.normal(name), Setting.normal(k))))
                .orElse("");
    }
}
