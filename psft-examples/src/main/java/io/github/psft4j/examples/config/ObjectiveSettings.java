package io.github.psft4j.examples.config;

import io.github.psft4j.examples.config.RunConfig.Resolved;
import io.github.psft4j.loss.ObjectiveParameter;
import io.github.psft4j.loss.ObjectiveRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The parameters of the chosen objective: settings that the objective declares itself, with its defaults. */
final class ObjectiveSettings {

    private static final String SECTION = "objective.";

    private final String objective;
    private final Map<String, String> places;
    private final List<Fault> faults;

    private ObjectiveSettings(String objective, Map<String, String> places, List<Fault> faults) {
        this.objective = objective;
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
        ObjectiveSettings settings = new ObjectiveSettings(objective, places, faults);
        List<ObjectiveParameter> parameters;
        try {
            parameters = ObjectiveRegistry.parameters(objective);
        } catch (IllegalArgumentException e) {
            settings.fault(Keys.OBJECTIVE_NAME.name(), e);
            return Map.of();
        }
        Map<String, Resolved> out = new LinkedHashMap<>();
        parameters.forEach(p -> out.put(snakeCase(p.name()), new Resolved(p.defaultValue(), Origin.DEFAULT)));
        Map<String, Object> valid = new LinkedHashMap<>();
        given.forEach((name, node) -> settings.parameter(name, node, valid));
        valid.forEach((name, value) -> out.put(snakeCase(name), new Resolved(value, origins.get(name))));
        settings.together(valid);
        return out;
    }

    private void parameter(String name, Node node, Map<String, Object> valid) {
        if (node instanceof Node.Scalar nothing && nothing.isBlank()) {
            return; // the default
        }
        if (!(node instanceof Node.Scalar scalar)) {
            faults.add(new Fault(places.get(SECTION + name), "must be a value, was " + KeyTypes.shown(node)));
            return;
        }
        try {
            ObjectiveRegistry.create(objective, Map.of(name, scalar.text()));
            valid.put(name, scalar.text());
        } catch (IllegalArgumentException e) {
            fault(SECTION + name, e);
        }
    }

    /** Values that are fine one by one may exclude each other. */
    private void together(Map<String, Object> valid) {
        try {
            ObjectiveRegistry.create(objective, valid);
        } catch (IllegalArgumentException e) {
            fault(Keys.OBJECTIVE_NAME.name(), e);
        }
    }

    private void fault(String name, IllegalArgumentException e) {
        faults.add(new Fault(places.getOrDefault(name, name), e.getMessage()));
    }

    /** {@code epsHigh} as configurations spell it: {@code eps_high}. */
    static String snakeCase(String name) {
        return name.replace('-', '_').replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }
}
