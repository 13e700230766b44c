package io.github.psft4j.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A configuration with every value and its origin, as YAML: the origin stands in a comment, so the file is itself a
 * configuration that repeats the run.
 */
public final class ResolvedFile {

    private static final int COMMENT_COLUMN = 48;
    private static final String NOTHING = "~";

    private ResolvedFile() {}

    /** The text of config.resolved.yaml. */
    public static String render(RunConfig config, List<String> heading) {
        StringBuilder out = new StringBuilder();
        heading.forEach(line -> out.append("# ").append(line).append('\n'));
        String section = "";
        for (Key<?> key : Keys.all()) {
            if (!key.section().equals(section)) {
                section = key.section();
                out.append(section).append(":\n");
                if (section.equals("objective")) {
                    config.objectiveValues()
                            .forEach((name, value) -> line(
                                    out,
                                    name,
                                    KeyTypes.scalarText(String.valueOf(value.value())),
                                    value.origin().label()));
                }
            }
            line(out, key.leaf(), text(key, config), config.origin(key).label());
        }
        return out.toString();
    }

    /** Every setting with value and origin, for readers of JSON. */
    public static Map<String, Map<String, Object>> values(RunConfig config) {
        Map<String, Map<String, Object>> out = new LinkedHashMap<>();
        for (Key<?> key : Keys.all()) {
            out.put(key.name(), entry(config.find(key).orElse(null), config.origin(key)));
        }
        config.objectiveValues()
                .forEach((name, value) -> out.put("objective." + name, entry(value.value(), value.origin())));
        return out;
    }

    private static Map<String, Object> entry(Object value, Origin origin) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("value", value);
        out.put("origin", origin.label());
        return out;
    }

    private static <T> String text(Key<T> key, RunConfig config) {
        if (config.isReplaced(key)) {
            return NOTHING; // its default would contradict the setting that was given instead
        }
        return config.find(key).map(key.type()::format).orElse(NOTHING);
    }

    private static void line(StringBuilder out, String name, String value, String origin) {
        String line = "  " + name + ": " + value;
        out.append(line)
                .append(" ".repeat(Math.max(1, COMMENT_COLUMN - line.length())))
                .append("# ")
                .append(origin)
                .append('\n');
    }
}
