package io.github.psft4j.config;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.train.Layouts;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of one run, each with its origin; checked when it was made. */
public final class RunConfig {

    /** A value and where it comes from. */
    record Resolved(Object value, Origin origin) {}

    /**
     * The chosen objective.
     *
     * @param objective null if its settings are refused
     * @param parameters all of them, given or default, by their names in configurations
     */
    record Chosen(TokenObjective objective, Map<String, Resolved> parameters) {}

    private final Map<Class<?>, Record> sections;
    private final Map<String, Origin> origins; // of what is not at its default
    private final Chosen chosen;

    RunConfig(Map<Class<?>, Record> sections, Map<String, Origin> origins, Chosen chosen) {
        this.sections = Map.copyOf(sections);
        this.origins = Map.copyOf(origins);
        this.chosen = chosen;
    }

    /** A section, such as {@link Sections.Run} or the trainer's {@link io.github.psft4j.train.settings.Batch}. */
    public <R extends Record> R get(Class<R> section) {
        return section.cast(sections.get(section));
    }

    /** Value of a setting, null if neither file, override nor default gives one. */
    Object value(Key key) {
        return Setting.values(get(Sections.ALL.get(key.section())))
                .get(key.setting().name());
    }

    /** Where the value of a setting comes from. */
    public Origin origin(String key) {
        return origins.getOrDefault(key, Origin.DEFAULT);
    }

    /** Whether file or command line give the setting. */
    public boolean isGiven(String key) {
        return origin(key) == Origin.FILE || origin(key) == Origin.OVERRIDE;
    }

    /** Whether the setting is at its default because one that excludes it is given. */
    boolean isReplaced(String key) {
        return !isGiven(key)
                && Sections.ALTERNATIVES.entrySet().stream()
                        .anyMatch(pair -> pair.getKey().equals(key) && isGiven(pair.getValue())
                                || pair.getValue().equals(key) && isGiven(pair.getKey()));
    }

    /** What is minimised. */
    public TokenObjective objective() {
        return chosen.objective();
    }

    /** Whether what is trained are samples of the model, not demonstrations. */
    public boolean samples() {
        return objective() != null
                && objective().columns().contains(Column.ADVANTAGE)
                && Layouts.of(objective()) == null; // KTO's advantage is a label of the data
    }

    Map<String, Resolved> objectiveParameters() {
        return chosen.parameters();
    }

    /** Fills in the longest sequence of the model, unless a longest demonstration was given. */
    public RunConfig withMaxLength(int longest) {
        if (get(Sections.Data.class).maxLength() != null) {
            return this;
        }
        Map<String, Object> data = Setting.values(get(Sections.Data.class));
        data.put("maxLength", longest);
        Map<Class<?>, Record> filled = new LinkedHashMap<>(sections);
        filled.put(Sections.Data.class, Setting.create(Sections.Data.class, data));
        Map<String, Origin> from = new LinkedHashMap<>(origins);
        from.put("data.max_length", Origin.MODEL);
        return new RunConfig(filled, from, chosen);
    }
}
