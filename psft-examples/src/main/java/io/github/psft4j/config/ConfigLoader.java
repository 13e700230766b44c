package io.github.psft4j.config;

import io.github.psft4j.config.RunConfig.Resolved;
import io.github.psft4j.io.NearestName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a configuration: file, then overrides, then defaults; every value is checked and all faults are reported
 * together. No model and no data is opened for it.
 */
public final class ConfigLoader {

    private static final String OBJECTIVE = "objective.";

    private final List<Fault> faults = new ArrayList<>();
    private final Map<String, Key<?>> keys = Keys.byName();
    private final Map<String, Resolved> values = new LinkedHashMap<>();
    private final Map<String, Node> objective = new LinkedHashMap<>();
    private final Map<String, Origin> objectiveOrigins = new LinkedHashMap<>();
    private final Map<String, String> places = new LinkedHashMap<>();

    private ConfigLoader() {}

    /**
     * The settings of a run.
     *
     * @param file YAML; relative paths inside it are relative to the working directory
     * @param overrides {@code key=value} each, stronger than the file, later ones stronger than earlier ones
     * @throws ConfigException listing every fault
     */
    public static RunConfig load(Path file, List<String> overrides) {
        return new ConfigLoader().read(file, overrides);
    }

    private RunConfig read(Path file, List<String> overrides) {
        table("", YamlReader.read(file));
        overrides.forEach(this::override);
        Keys.ALTERNATIVES.forEach(this::overrideReplaces);
        Map<String, Resolved> all = new LinkedHashMap<>();
        for (Key<?> key : keys.values()) {
            Resolved given = values.get(key.name());
            all.put(key.name(), given != null ? given : new Resolved(key.defaultValue(), Origin.DEFAULT));
            if (given == null && key.isRequired() && !places.containsKey(key.name())) {
                faults.add(new Fault(
                        key.name(), "is missing; it must be " + key.type().describe()));
            }
        }
        all.computeIfPresent(
                Keys.RUN_DIR.name(),
                (name, old) -> old.value() != null ? old : new Resolved(defaultRunDir(file), Origin.DEFAULT));
        Map<String, Resolved> parameters = ObjectiveSettings.read(
                (String) all.get(Keys.OBJECTIVE_NAME.name()).value(), objective, objectiveOrigins, places, faults);
        RunConfig config = new RunConfig(all, parameters);
        Consistency.check(config, places, faults);
        if (!faults.isEmpty()) {
            throw new ConfigException(file.toString(), faults);
        }
        return config;
    }

    /** Of two settings that exclude each other, one on the command line replaces the other in the file. */
    private void overrideReplaces(Key<?> one, Key<?> other) {
        for (Key<?> key : List.of(one, other)) {
            Resolved mine = values.get(key.name());
            Resolved others = values.get((key == one ? other : one).name());
            if (mine != null && others != null && mine.origin() == Origin.FILE && others.origin() == Origin.OVERRIDE) {
                values.remove(key.name());
            }
        }
    }

    private static String defaultRunDir(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return Path.of("runs", dot > 0 ? name.substring(0, dot) : name).toString();
    }

    private void table(String prefix, Node.Table table) {
        table.entries().forEach((name, node) -> entry(prefix + name, node, "line " + node.line() + ", ", Origin.FILE));
    }

    private void override(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            faults.add(new Fault("--set " + text, "must be key=value, such as --set optimizer.lr=1e-5"));
            return;
        }
        String name = text.substring(0, equals).strip();
        try {
            entry(name, YamlReader.value(name, text.substring(equals + 1)), "--set ", Origin.OVERRIDE);
        } catch (ConfigException e) {
            e.faults().forEach(fault -> faults.add(new Fault("--set " + name, fault.problem())));
        }
    }

    private void entry(String name, Node node, String where, Origin origin) {
        Key<?> key = keys.get(name);
        if (key != null) {
            places.put(name, where + name);
            value(key, node, origin);
        } else if (isSection(name) && node instanceof Node.Table table) {
            table.entries().forEach((inner, value) -> entry(name + "." + inner, value, place(where, value), origin));
        } else if (isSection(name) && node instanceof Node.Scalar scalar && scalar.isBlank()) {
            places.put(name, where + name); // a section whose lines are all commented out
        } else if (isSection(name)) {
            faults.add(new Fault(where + name, "is a section; its settings stand below it, indented"));
        } else if (name.startsWith(OBJECTIVE) && name.indexOf('.', OBJECTIVE.length()) < 0) {
            places.put(name, where + name);
            objective.put(name.substring(OBJECTIVE.length()), node);
            objectiveOrigins.put(name.substring(OBJECTIVE.length()), origin);
        } else {
            faults.add(new Fault(
                    where + name,
                    "there is no such setting"
                            + NearestName.to(name, keys.keySet())
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse("")));
        }
    }

    private static String place(String where, Node node) {
        return node.line() > 0 && where.startsWith("line ") ? "line " + node.line() + ", " : where;
    }

    private boolean isSection(String name) {
        String inside = name + ".";
        return keys.values().stream()
                .anyMatch(key -> key.section().equals(name) || key.name().startsWith(inside));
    }

    /** {@code --set objective.name=...}: parameters in the file are those of the file's objective. */
    private void dropParametersOfAnotherObjective(String name) {
        Resolved before = values.get(Keys.OBJECTIVE_NAME.name());
        if (!name.equals(before == null ? Keys.OBJECTIVE_NAME.defaultValue() : before.value())) {
            objective.keySet().removeIf(parameter -> objectiveOrigins.get(parameter) == Origin.FILE);
        }
    }

    /** A key without a value has its default; where empty text is a value, only {@code ~} has. */
    private static boolean isDefault(Node.Scalar scalar, Key<?> key) {
        boolean nothing = key.type().acceptsEmpty() ? scalar.text() == null : scalar.isBlank();
        return nothing && !key.isRequired();
    }

    private void value(Key<?> key, Node node, Origin origin) {
        if (node instanceof Node.Scalar scalar && isDefault(scalar, key)) {
            values.remove(key.name());
            return;
        }
        try {
            Object value = key.type().parse(node);
            if (key == Keys.OBJECTIVE_NAME && origin == Origin.OVERRIDE) {
                dropParametersOfAnotherObjective((String) value);
            }
            values.put(key.name(), new Resolved(value, origin));
        } catch (IllegalArgumentException e) {
            values.remove(key.name());
            faults.add(new Fault(places.get(key.name()), "must be " + e.getMessage()));
        }
    }
}
