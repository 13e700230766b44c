package io.github.psft4j.examples.config;

import io.github.psft4j.examples.config.RunConfig.Resolved;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parameters of the chosen objective: settings that the objective declares itself. */
final class ObjectiveSettings {

    private static final Map<String, List<String>> KNOWN = Map.of(
            "psft", List.of("eps_low", "eps_high", "max_log_ratio"),
            "sft", List.of());

    private ObjectiveSettings() {}

    static Map<String, Resolved> read(
            String name,
            Map<String, Node> given,
            Map<String, Origin> origins,
            Map<String, String> places,
            List<Fault> faults) {
        Map<String, Resolved> out = new LinkedHashMap<>();
        List<String> known = KNOWN.get(name);
        if (known == null) {
            faults.add(new Fault(
                    places.getOrDefault("objective.name", "objective.name"),
                    "there is no objective " + name
                            + Nearest.to(name, KNOWN.keySet()).map(n -> "; did you mean " + n + "?").orElse("")));
            return out;
        }
        given.forEach((parameter, node) -> {
            String place = places.get("objective." + parameter);
            if (!known.contains(parameter)) {
                faults.add(new Fault(place, name + " has no such parameter; it has " + known
                        + Nearest.to(parameter, known).map(n -> "; did you mean " + n + "?").orElse("")));
                return;
            }
            try {
                out.put(parameter, new Resolved(
                        KeyTypes.real("that is finite", n -> true).parse(node), origins.get(parameter)));
            } catch (IllegalArgumentException e) {
                faults.add(new Fault(place, "must be " + e.getMessage()));
            }
        });
        return out;
    }
}
