package io.github.psft4j.examples.config;

import io.github.psft4j.examples.config.RunConfig.Resolved;
import io.github.psft4j.loss.ObjectiveParameter;
import io.github.psft4j.loss.ObjectiveRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The parameters of the chosen objective: settings that the objective declares itself, with its defaults. */
final class ObjectiveSettings {

    private static final String SECTION = "objective.";

    private final String objective;
    private final List<ObjectiveParameter> parameters;
    private final Map<String, String> places;
    private final List<Fault> faults;

    private ObjectiveSettings(
            String objective, List<ObjectiveParameter> parameters, Map<String, String> places, List<Fault> faults) {
        this.objective = objective;
        this.parameters = parameters;
        this.places = places;
        this.faults = faults;
    }

    /** Every parameter of the objective, given or default; what is wrong is added to the faults. */
    static Map<String, Resolved> read(
            String objective,
            Map<String, Node> given,
            Map<String, Origin> origins,
            Map<String, String> places,
            List<Fault> faults) {
        List<ObjectiveParameter> parameters;
        try {
            parameters = ObjectiveRegistry.parameters(objective);
        } catch (IllegalArgumentException e) {
            String name = Keys.OBJECTIVE_NAME.name();
            faults.add(new Fault(places.getOrDefault(name, name), e.getMessage()));
            return Map.of();
        }
        ObjectiveSettings settings = new ObjectiveSettings(objective, parameters, places, faults);
        Map<String, Object> values = new LinkedHashMap<>();
        given.forEach((name, node) -> settings.text(name, node).ifPresent(text -> values.put(name, text)));
        settings.check(values);
        Map<String, Resolved> out = new LinkedHashMap<>();
        parameters.forEach(p -> out.put(snakeCase(p.name()), new Resolved(p.defaultValue(), Origin.DEFAULT)));
        values.forEach((name, value) -> out.put(snakeCase(name), new Resolved(value, origins.get(name))));
        return out;
    }

    /** What is given for a parameter that the objective has. */
    private Optional<String> text(String name, Node node) {
        List<String> known = parameters.stream().map(p -> snakeCase(p.name())).toList();
        if (known.stream().noneMatch(one -> plain(one).equals(plain(name)))) {
            faults.add(new Fault(
                    places.get(SECTION + name),
                    objective + " has no parameter " + name
                            + Nearest.to(name, known)
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse(";")
                            + (known.isEmpty() ? " It has none" : " It has " + String.join(", ", known))));
            return Optional.empty();
        }
        if (node instanceof Node.Scalar nothing && nothing.isBlank()) {
            return Optional.empty(); // the default
        }
        if (!(node instanceof Node.Scalar scalar)) {
            faults.add(new Fault(places.get(SECTION + name), "must be a value, was " + KeyTypes.shown(node)));
            return Optional.empty();
        }
        return Optional.of(scalar.text());
    }

    /** Only all values together can be right; one by one, or in pairs, they only show where the fault is. */
    private void check(Map<String, Object> values) {
        Map<String, Object> rest = new LinkedHashMap<>(values);
        if (problem(rest).isEmpty()) {
            return;
        }
        values.forEach((name, value) -> {
            Optional<String> alone = problem(Map.of(name, value));
            if (alone.isPresent() && !isRightWithAnother(name, values)) {
                faults.add(new Fault(places.getOrDefault(SECTION + name, name), alone.get()));
                rest.remove(name);
            }
        });
        String name = Keys.OBJECTIVE_NAME.name();
        problem(rest).ifPresent(together -> faults.add(new Fault(places.getOrDefault(name, name), together)));
    }

    private boolean isRightWithAnother(String name, Map<String, Object> values) {
        return values.keySet().stream()
                .filter(other -> !other.equals(name))
                .anyMatch(other -> problem(Map.of(name, values.get(name), other, values.get(other)))
                        .isEmpty());
    }

    private Optional<String> problem(Map<String, Object> values) {
        try {
            ObjectiveRegistry.create(objective, values);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(spelled(e.getMessage(), parameters));
        }
    }

    /** A text about parameters with their names as configurations spell them. */
    static String spelled(String text, List<ObjectiveParameter> parameters) {
        String out = text;
        for (ObjectiveParameter p : parameters) {
            out = out.replaceAll("\\b" + p.name() + "\\b", snakeCase(p.name()));
        }
        return out;
    }

    private static String plain(String name) {
        return snakeCase(name).replace("_", "");
    }

    /** {@code epsHigh} as configurations spell it: {@code eps_high}. */
    static String snakeCase(String name) {
        return name.replace('-', '_').replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }
}
