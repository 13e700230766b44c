package io.github.psft4j.config;

import io.github.psft4j.config.RunConfig.Resolved;
import io.github.psft4j.io.NearestName;
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
            new ObjectiveSettings(objective, List.of(), places, faults)
                    .fault(Keys.OBJECTIVE_NAME.leaf(), e.getMessage());
            return Map.of();
        }
        ObjectiveSettings settings = new ObjectiveSettings(objective, parameters, places, faults);
        Map<String, Object> values = new LinkedHashMap<>();
        given.forEach((name, node) -> settings.text(name, node).ifPresent(text -> values.put(name, text)));
        settings.check(values);
        Map<String, Resolved> out = new LinkedHashMap<>();
        parameters.forEach(p -> out.put(snakeCase(p.name()), new Resolved(p.defaultValue(), Origin.DEFAULT)));
        values.forEach((name, value) ->
                settings.known(name).ifPresent(known -> out.put(known, new Resolved(value, origins.get(name)))));
        return out;
    }

    /** What is given for a parameter that the objective has. */
    private Optional<String> text(String name, Node node) {
        if (known(name).isEmpty()) {
            List<String> known =
                    parameters.stream().map(p -> snakeCase(p.name())).toList();
            fault(
                    name,
                    objective + " has no parameter " + name
                            + NearestName.to(name, known)
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse(";")
                            + (known.isEmpty() ? " It has none" : " It has " + String.join(", ", known)));
            return Optional.empty();
        }
        if (node instanceof Node.Scalar nothing && nothing.isBlank()) {
            return Optional.empty(); // the default
        }
        if (!(node instanceof Node.Scalar scalar)) {
            fault(name, "must be a value, was " + KeyTypes.shown(node));
            return Optional.empty();
        }
        return Optional.of(scalar.text());
    }

    /** Only all values together can be right; less than all of them only show where the fault is. */
    private void check(Map<String, Object> values) {
        Optional<String> problem = problem(values);
        if (problem.isEmpty()) {
            return;
        }
        List<String> suspects = values.keySet().stream()
                .filter(name -> problem(without(name, values)).isEmpty())
                .toList();
        if (!suspects.isEmpty()) {
            fault(suspects.get(suspects.size() - 1), problem.get());
            return;
        }
        int before = faults.size();
        values.forEach((name, value) -> problem(Map.of(name, value)).ifPresent(alone -> fault(name, alone)));
        if (faults.size() == before) {
            fault(Keys.OBJECTIVE_NAME.leaf(), problem.get());
        }
    }

    private static Map<String, Object> without(String name, Map<String, Object> values) {
        Map<String, Object> rest = new LinkedHashMap<>(values);
        rest.remove(name);
        return rest;
    }

    private void fault(String name, String problem) {
        faults.add(new Fault(places.getOrDefault(SECTION + name, SECTION + name), problem));
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

    /** The parameter of that name, which may be written {@code eps-high} or {@code epshigh} as well. */
    private Optional<String> known(String name) {
        return parameters.stream()
                .map(p -> snakeCase(p.name()))
                .filter(known -> plain(known).equals(plain(name)))
                .findFirst();
    }

    private static String plain(String name) {
        return snakeCase(name).replace("_", "");
    }

    /** {@code epsHigh} as configurations spell it: {@code eps_high}. */
    static String snakeCase(String name) {
        return name.replace('-', '_').replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }
}
