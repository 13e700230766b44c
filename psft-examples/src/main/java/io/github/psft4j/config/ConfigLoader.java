package io.github.psft4j.config;

import io.github.psft4j.config.RunConfig.Chosen;
import io.github.psft4j.io.NearestName;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads a configuration: file, then overrides, then defaults; every value is checked and all faults are reported
 * together. No model and no data is opened for it.
 */
public final class ConfigLoader {

    private static final String OBJECTIVE = ObjectiveSettings.SECTION;
    private static final String SET = "--set ";
    private static final String BY_SET = " is given by --set";
    private static final String COMMAND_LINE = "the command line";
    private static final Set<String> COMMON = Set.of("name", "path", "data", "every", "dir", "cache_dir", "batch");
    private static final String OBJECTIVE_NAME = OBJECTIVE + "name";

    private final List<Fault> faults = new ArrayList<>();
    private final Map<String, Class<? extends Record>> sections;
    private final Map<String, Key> keys;
    private final Map<String, Object> values = new LinkedHashMap<>();
    private final Map<String, Origin> origins = new LinkedHashMap<>();
    private final Map<String, Node> objective = new LinkedHashMap<>();
    private final Map<String, Origin> objectiveOrigins = new LinkedHashMap<>();
    private final Map<String, String> places = new LinkedHashMap<>();

    ConfigLoader(Map<String, Class<? extends Record>> sections) {
        this.sections = sections;
        this.keys = Sections.keys(sections);
    }

    /**
     * The settings of a run.
     *
     * @param file YAML; relative paths inside it are relative to the working directory
     * @param overrides {@code key=value} each, stronger than the file, later ones stronger than earlier ones
     * @throws ConfigException listing every fault
     */
    public static RunConfig load(Path file, List<String> overrides) {
        return new ConfigLoader(Sections.ALL).run(file, overrides);
    }

    /**
     * The defaults and {@code --set} of one section, for a command that has no configuration.
     *
     * @throws ConfigException listing every fault
     */
    public static RunConfig section(String section, List<String> overrides) {
        ConfigLoader loader = new ConfigLoader(Sections.ALL);
        overrides.forEach(loader::override);
        loader.places.forEach((name, place) -> {
            if (!name.startsWith(section + ".")) {
                loader.faults.add(new Fault(place, "is not used here; only settings of " + section + " are"));
            }
        });
        Map<Class<?>, Record> records = loader.records(Map.of(section, Sections.ALL.get(section)));
        if (!loader.faults.isEmpty()) {
            throw new ConfigException(COMMAND_LINE, loader.faults);
        }
        return new RunConfig(records, loader.origins, null);
    }

    private RunConfig run(Path file, List<String> overrides) {
        read(file, overrides);
        values.putIfAbsent("run.dir", defaultRunDir(file));
        Map<Class<?>, Record> records = records();
        Chosen chosen = ObjectiveSettings.read(
                ((Sections.Objective) records.get(Sections.Objective.class)).name(),
                objective,
                objectiveOrigins,
                places,
                faults);
        if (chosen.objective() != null) {
            records.put(AdvantageSettings.class, advantage(records, chosen.objective()));
        }
        RunConfig config = new RunConfig(records, origins, chosen);
        Consistency.check(config, places, faults);
        refuse(file, ConfigException.HELP);
        return config;
    }

    /** What is not given of the advantage is what the authors of the objective take, or GAE with a critic. */
    private AdvantageSettings advantage(Map<Class<?>, Record> records, TokenObjective objective) {
        Map<String, Object> given = Setting.values(records.get(AdvantageSettings.class));
        boolean critic = ((Critic) records.get(Critic.class)).on();
        Map<String, Object> out =
                Setting.values(critic ? AdvantageSettings.gae() : AdvantageSettings.of(objective.name()));
        keys.forEach((name, key) -> {
            if (key.section().equals("advantage") && origins.containsKey(name)) {
                out.put(key.setting().name(), given.get(key.setting().name()));
            }
        });
        return Setting.create(AdvantageSettings.class, out);
    }

    /** Reads file and overrides. */
    void read(Path file, List<String> overrides) {
        read(YamlReader.read(file), overrides);
    }

    /** The same for a text that was read already. */
    void read(Node.Table text, List<String> overrides) {
        table("", text);
        overrides.forEach(this::override);
        Sections.ALTERNATIVES.forEach((one, other) -> {
            overrideReplaces(one, other);
            overrideReplaces(other, one);
        });
        for (Key key : keys.values()) {
            if (key.isRequired() && !places.containsKey(key.name())) {
                faults.add(new Fault(
                        key.name(), "is missing; it must be " + key.type().describe()));
            }
        }
    }

    /** @throws ConfigException if there are faults */
    void refuse(Path file, String help) {
        if (!faults.isEmpty()) {
            List<Fault> all = faults.stream().map(this::withOverrides).toList();
            long given = all.stream().filter(ConfigLoader::isOfTheCommandLine).count();
            String both = given == 0 ? file.toString() : file + " with the command line";
            throw new ConfigException(given == all.size() ? COMMAND_LINE : both, all, help);
        }
    }

    private static boolean isOfTheCommandLine(Fault fault) {
        return fault.where().startsWith(SET) || fault.problem().contains(BY_SET);
    }

    /** A value of the file that only contradicts one of the command line. */
    private Fault withOverrides(Fault fault) {
        if (fault.where().startsWith(SET)) {
            return fault;
        }
        return origins.entrySet().stream()
                .filter(entry -> entry.getValue() == Origin.OVERRIDE)
                .map(Map.Entry::getKey)
                .filter(key -> Pattern.compile("\\b" + Pattern.quote(key) + "\\b")
                        .matcher(fault.problem())
                        .find())
                .findFirst()
                .map(key -> new Fault(fault.where(), fault.problem() + " (" + key + BY_SET + ")"))
                .orElse(fault);
    }

    /** The sections with what was read. */
    Map<Class<?>, Record> records() {
        return records(sections);
    }

    private Map<Class<?>, Record> records(Map<String, Class<? extends Record>> wanted) {
        Map<Class<?>, Record> out = new LinkedHashMap<>();
        wanted.forEach((section, type) -> {
            Map<String, Object> given = new HashMap<>();
            keys.forEach((name, key) -> {
                if (key.section().equals(section) && values.containsKey(name)) {
                    given.put(key.setting().name(), values.get(name));
                }
            });
            out.put(type, record(section, type, given));
        });
        return out;
    }

    /** Constructs a record without the values that it refuses, until no fault is left to report. */
    private Record record(String section, Class<? extends Record> type, Map<String, Object> given) {
        try {
            return Setting.create(type, given);
        } catch (ParameterException e) {
            boolean removed = false;
            for (ParameterException fault : e.all()) {
                report(section, fault);
                removed |= given.remove(fault.name()) != null;
            }
            return record(section, type, removed ? given : new HashMap<>());
        }
    }

    private void report(String section, ParameterException fault) {
        Key key = keys.values().stream()
                .filter(k -> k.section().equals(section) && k.setting().name().equals(fault.name()))
                .findFirst()
                .orElseThrow();
        String place = places.getOrDefault(key.name(), key.name());
        if (faults.stream().noneMatch(known -> known.where().equals(place))) {
            faults.add(new Fault(place, key.spelled(fault.problem())));
        }
    }

    /** Of two settings that exclude each other, one on the command line replaces the other in the file. */
    private void overrideReplaces(String one, String other) {
        if (origins.get(one) == Origin.FILE && origins.get(other) == Origin.OVERRIDE) {
            remove(one);
        }
    }

    private void remove(String name) {
        values.remove(name);
        origins.remove(name);
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
            faults.add(new Fault(SET + text, "must be key=value, such as --set optimizer.lr=1e-5"));
            return;
        }
        String name = text.substring(0, equals).strip();
        try {
            entry(name, YamlReader.value(name, text.substring(equals + 1)), SET, Origin.OVERRIDE);
        } catch (ConfigException e) {
            e.faults().forEach(fault -> faults.add(new Fault(SET + name, fault.problem())));
        }
    }

    private void entry(String name, Node node, String where, Origin origin) {
        Key key = keys.get(name);
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
                            + OtherTools.hint(name, keys.keySet())
                                    .or(() -> nearest(name).map(near -> "did you mean " + near + "?"))
                                    .map(hint -> "; " + hint)
                                    .orElse("")));
        }
    }

    /** Names such as {@code path} are in several sections; that of another section is not what was meant. */
    private Optional<String> nearest(String name) {
        String section = name.substring(0, name.indexOf('.') + 1);
        boolean common = COMMON.contains(name.substring(section.length())) && isSection(name.replaceAll("\\..*", ""));
        return NearestName.to(
                name,
                keys.keySet().stream()
                        .filter(key -> !common || key.startsWith(section))
                        .toList());
    }

    private static String place(String where, Node node) {
        return node.line() > 0 && where.startsWith("line ") ? "line " + node.line() + ", " : where;
    }

    private boolean isSection(String name) {
        return sections.containsKey(name);
    }

    /** {@code --set objective.name=...}: parameters in the file are those of the file's objective. */
    private void dropParametersOfAnotherObjective(Object name) {
        Object before = values.get(OBJECTIVE_NAME);
        if (!name.equals(before == null ? keys.get(OBJECTIVE_NAME).setting().defaultValue() : before)) {
            objective.keySet().removeIf(parameter -> objectiveOrigins.get(parameter) == Origin.FILE);
        }
    }

    /** A key without a value has its default; where empty text is a value, only {@code ~} has. */
    private static boolean isDefault(Node.Scalar scalar, Key key) {
        boolean nothing = key.type().acceptsEmpty() ? scalar.text() == null : scalar.isBlank();
        return nothing && !key.isRequired();
    }

    private void value(Key key, Node node, Origin origin) {
        String name = key.name();
        if (node instanceof Node.Scalar scalar && isDefault(scalar, key)) {
            remove(name);
            return;
        }
        try {
            Object value = key.type().parse(node);
            if (name.equals(OBJECTIVE_NAME) && origin == Origin.OVERRIDE) {
                dropParametersOfAnotherObjective(value);
            }
            values.put(name, value);
            origins.put(name, origin);
        } catch (IllegalArgumentException e) {
            remove(name);
            faults.add(new Fault(places.get(name), "must be " + e.getMessage()));
        }
    }
}
