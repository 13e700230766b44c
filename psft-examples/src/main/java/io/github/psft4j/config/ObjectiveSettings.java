package io.github.psft4j.config;

import io.github.psft4j.config.RunConfig.Chosen;
import io.github.psft4j.config.RunConfig.Resolved;
import io.github.psft4j.io.NearestName;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The parameters of the chosen objective: settings that the objective declares itself, with its defaults. */
final class ObjectiveSettings {

    static final String SECTION = "objective.";

    private final String objective;
    private final List<Setting> parameters;
    private final Map<String, String> places;
    private final List<Fault> faults;
    private final Map<String, String> written = new LinkedHashMap<>(); // parameter to its name in the configuration

    private ObjectiveSettings(
            String objective, List<Setting> parameters, Map<String, String> places, List<Fault> faults) {
        this.objective = objective;
        this.parameters = parameters;
        this.places = places;
        this.faults = faults;
    }

    /**
     * The objective with its parameters; what is wrong is added to the faults.
     *
     * @param given by the name in the configuration
     */
    static Chosen read(
            String objective,
            Map<String, Node> given,
            Map<String, Origin> origins,
            Map<String, String> places,
            List<Fault> faults) {
        try {
            List<Setting> parameters = ObjectiveRegistry.parameters(objective);
            return new ObjectiveSettings(objective, parameters, places, faults).read(given, origins);
        } catch (IllegalArgumentException e) { // there is no such objective
            faults.add(new Fault(places.getOrDefault(SECTION + "name", SECTION + "name"), e.getMessage()));
            return new Chosen(null, Map.of());
        }
    }

    private Chosen read(Map<String, Node> given, Map<String, Origin> origins) {
        Map<String, Object> values = new LinkedHashMap<>();
        given.forEach((name, node) ->
                text(name, node).ifPresent(text -> values.put(written(name).name(), text)));
        Map<String, Resolved> out = new LinkedHashMap<>();
        for (Setting p : parameters) {
            Object value = values.get(p.name());
            out.put(
                    p.key(),
                    value == null
                            ? new Resolved(p.defaultValue(), Origin.DEFAULT)
                            : new Resolved(value, origins.get(written.get(p.name()))));
        }
        return new Chosen(create(values), out);
    }

    /** Constructs it without the values that it refuses, until no fault is left to report. */
    private TokenObjective create(Map<String, Object> values) {
        try {
            return ObjectiveRegistry.create(objective, values);
        } catch (ParameterException e) {
            boolean removed = false;
            for (ParameterException one : e.all()) {
                fault(written.getOrDefault(one.name(), key(one.name())), Key.spelled(one.problem(), parameters, ""));
                removed |= values.remove(one.name()) != null;
            }
            return removed ? create(values) : null;
        } catch (IllegalArgumentException e) { // of an objective that does not name its parameter
            fault("name", Key.spelled(e.getMessage(), parameters, ""));
            return null;
        }
    }

    /** The given value of a parameter that the objective has, if it has the right type. */
    private Optional<String> text(String name, Node node) {
        Setting parameter = find(name).orElse(null);
        if (parameter == null) {
            List<String> known = parameters.stream().map(Setting::key).toList();
            fault(
                    name,
                    objective + " has no parameter " + name
                            + NearestName.to(name, known)
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse(";")
                            + (known.isEmpty() ? " It has none" : " It has " + String.join(", ", known)));
            return Optional.empty();
        }
        written.put(parameter.name(), name);
        if (node instanceof Node.Scalar nothing && nothing.isBlank()) {
            return Optional.empty(); // the default
        }
        if (!(node instanceof Node.Scalar scalar)) {
            fault(name, "must be a value, was " + KeyTypes.shown(node));
            return Optional.empty();
        }
        try {
            parameter.convert(scalar.text());
            return Optional.of(scalar.text());
        } catch (ParameterException e) {
            fault(name, e.problem());
            return Optional.empty();
        }
    }

    private String key(String parameter) {
        return find(parameter).map(Setting::key).orElse(parameter);
    }

    private Setting written(String name) {
        return find(name).orElseThrow();
    }

    /** The parameter of that name, which may be written {@code eps-high} or {@code epshigh} as well. */
    private Optional<Setting> find(String name) {
        return parameters.stream()
                .filter(p -> Setting.normal(p.name()).equals(Setting.normal(name)))
                .findFirst();
    }

    private void fault(String name, String problem) {
        faults.add(new Fault(places.getOrDefault(SECTION + name, SECTION + name), problem));
    }
}
