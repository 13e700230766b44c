package io.github.psft4j.loss;

import io.github.psft4j.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * All objectives on the class path by name: those of this library's jars and of any jar with an
 * {@link ObjectiveProvider}. Names and parameters may be written {@code eps_high}, {@code eps-high} or {@code epsHigh}.
 */
public final class ObjectiveRegistry {

    private static final class Loaded {
        static final Map<String, ObjectiveSpec> BY_NAME =
                load(ServiceLoader.load(ObjectiveProvider.class, ObjectiveRegistry.class.getClassLoader()));
    }

    private ObjectiveRegistry() {}

    static Map<String, ObjectiveSpec> load(Iterable<ObjectiveProvider> providers) {
        Map<String, ObjectiveSpec> specs = new TreeMap<>();
        List<TokenObjective> all = new ArrayList<>(List.of(new SftObjective(), new PsftObjective()));
        providers.forEach(provider -> all.addAll(provider.objectives()));
        for (TokenObjective objective : all) {
            ObjectiveSpec before = specs.put(Setting.normal(objective.name()), new ObjectiveSpec(objective));
            if (before != null) {
                throw new IllegalStateException("two objectives are called " + objective.name());
            }
        }
        return specs;
    }

    /** Names of all objectives, sorted. */
    public static List<String> names() {
        return Loaded.BY_NAME.values().stream().map(ObjectiveSpec::name).toList();
    }

    /**
     * One line about an objective.
     *
     * @throws IllegalArgumentException with the nearest name, if there is no objective of this name
     */
    public static String doc(String name) {
        return spec(name).doc();
    }

    /**
     * Parameters of an objective in the order of its constructor.
     *
     * @throws IllegalArgumentException with the nearest name, if there is no objective of this name
     */
    public static List<Setting> parameters(String name) {
        return spec(name).parameters();
    }

    /**
     * An objective.
     *
     * @param parameters by name, as numbers, booleans, enumeration values or text; the others keep their defaults
     * @throws IllegalArgumentException for an unknown name or parameter, with the nearest one, and for a value out of
     *     range
     */
    public static TokenObjective create(String name, Map<String, ?> parameters) {
        return spec(name).create(parameters);
    }

    private static ObjectiveSpec spec(String name) {
        ObjectiveSpec spec = Loaded.BY_NAME.get(Setting.normal(name));
        if (spec == null) {
            throw new IllegalArgumentException("there is no objective '" + name + "'; did you mean '"
                    + ObjectiveSpec.nearest(name, names()) + "'? There are " + names());
        }
        return spec;
    }
}
