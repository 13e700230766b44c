package io.github.psft4j.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The settings of one run, each with its origin; checked when it was made. */
public final class RunConfig {

    /**
     * A value and where it comes from.
     *
     * @param value may be null where a default follows from other settings
     */
    record Resolved(Object value, Origin origin) {}

    private final Map<String, Resolved> values;
    private final Map<String, Resolved> objectiveParameters;

    RunConfig(Map<String, Resolved> values, Map<String, Resolved> objectiveParameters) {
        this.values = new LinkedHashMap<>(values);
        this.objectiveParameters = new LinkedHashMap<>(objectiveParameters);
    }

    /**
     * Value of a setting.
     *
     * @throws IllegalStateException if it has none; ask {@link #find} where that may be
     */
    public <T> T get(Key<T> key) {
        return find(key).orElseThrow(() -> new IllegalStateException(key.name() + " has no value"));
    }

    /** Value of a setting, empty if neither file, override nor default gives one. */
    @SuppressWarnings("unchecked") // values were parsed by the type of their key
    public <T> Optional<T> find(Key<T> key) {
        return Optional.ofNullable((T) values.get(key.name()).value());
    }

    /** Where the value of a setting comes from. */
    public Origin origin(Key<?> key) {
        return values.get(key.name()).origin();
    }

    /** Whether file or command line give the setting. */
    public boolean isGiven(Key<?> key) {
        return origin(key) == Origin.FILE || origin(key) == Origin.OVERRIDE;
    }

    /** Whether the setting is at its default because one that excludes it is given. */
    boolean isReplaced(Key<?> key) {
        return !isGiven(key)
                && Keys.ALTERNATIVES.entrySet().stream()
                        .anyMatch(pair -> pair.getKey() == key && isGiven(pair.getValue())
                                || pair.getValue() == key && isGiven(pair.getKey()));
    }

    /** All parameters of the objective, given or default. */
    public Map<String, Object> objectiveParameters() {
        Map<String, Object> out = new LinkedHashMap<>();
        objectiveParameters.forEach((name, resolved) -> out.put(name, resolved.value()));
        return out;
    }

    Map<String, Resolved> objectiveValues() {
        return objectiveParameters;
    }

    /** Fills in what follows from the model or from other settings; a value that was given stays. */
    public <T> RunConfig with(Key<T> key, T value, Origin origin) {
        RunConfig copy = new RunConfig(values, objectiveParameters);
        if (!isGiven(key)) {
            copy.values.put(key.name(), new Resolved(value, origin));
        }
        return copy;
    }
}
