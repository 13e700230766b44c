package io.github.psft4j.reward;

import io.github.psft4j.io.NearestName;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * All kinds of reward on the class path by name: the shipped ones and those of any jar with a {@link RewardProvider}.
 */
public final class RewardRegistry {

    private static final class Loaded {
        static final Map<String, Class<? extends RewardSettings>> BY_NAME =
                load(ServiceLoader.load(RewardProvider.class, RewardRegistry.class.getClassLoader()));
    }

    private RewardRegistry() {}

    static Map<String, Class<? extends RewardSettings>> load(Iterable<RewardProvider> providers) {
        Map<String, Class<? extends RewardSettings>> all = new TreeMap<>();
        providers.forEach(provider -> provider.kinds().forEach((name, type) -> {
            if (!type.isRecord() || !type.isAnnotationPresent(Doc.class)) {
                throw new IllegalStateException("the settings of reward " + name + ", " + type.getName()
                        + ", must be a record with a @Doc line");
            }
            if (all.put(name, type) != null) {
                throw new IllegalStateException("two rewards are called " + name);
            }
        }));
        return all;
    }

    /** Names of all kinds, sorted. */
    public static List<String> names() {
        return List.copyOf(Loaded.BY_NAME.keySet());
    }

    /**
     * One line about a kind.
     *
     * @throws IllegalArgumentException with the nearest name, if there is no such kind
     */
    public static String doc(String name) {
        return type(name).getAnnotation(Doc.class).value();
    }

    /**
     * Settings of a kind.
     *
     * @throws IllegalArgumentException with the nearest name, if there is no such kind
     */
    public static List<Setting> settings(String name) {
        return Setting.of(type(name).asSubclass(Record.class));
    }

    /**
     * A function.
     *
     * @param settings by name, in Java's spelling or that of configurations; the others keep their defaults
     * @throws IllegalArgumentException for an unknown kind or setting, with the nearest one, and for a value that is
     *     refused
     */
    public static RewardFunction create(String name, Map<String, ?> settings) {
        Class<? extends RewardSettings> type = type(name);
        List<Setting> known = settings(name);
        Map<String, Object> values = new LinkedHashMap<>();
        try {
            settings.forEach((key, value) -> {
                Setting setting = setting(name, known, key);
                values.put(setting.name(), convert(setting, value));
            });
            known.stream()
                    .filter(s -> s.defaultValue() == null && !values.containsKey(s.name()))
                    .findFirst()
                    .ifPresent(missing -> {
                        throw new IllegalArgumentException(
                                "reward " + name + " needs the setting " + missing.key() + ": " + missing.doc());
                    });
            return Setting.create(type, known, values).create();
        } catch (ParameterException e) {
            throw e.as("reward " + name + ": " + e.name());
        }
    }

    /** A list stays a list: as text it could not hold a comma. */
    private static Object convert(Setting setting, Object value) {
        return value instanceof List<?> list && setting.type() == List.class
                ? list.stream().map(String::valueOf).toList()
                : setting.convert(value);
    }

    private static Setting setting(String name, List<Setting> known, String key) {
        return known.stream()
                .filter(s -> Setting.normal(s.name()).equals(Setting.normal(key))
                        || Setting.normal(s.key()).equals(Setting.normal(key)))
                .findFirst()
                .orElseThrow(() -> {
                    List<String> keys = known.stream().map(Setting::key).toList();
                    return new IllegalArgumentException("reward " + name + " has no setting '" + key + "'"
                            + NearestName.hint(key, keys) + "; it has " + keys);
                });
    }

    private static Class<? extends RewardSettings> type(String name) {
        Class<? extends RewardSettings> type = Loaded.BY_NAME.get(name);
        if (type == null) {
            throw new IllegalArgumentException(
                    "there is no reward '" + name + "'" + NearestName.hint(name, names()) + "; there are " + names());
        }
        return type;
    }
}
