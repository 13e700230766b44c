package io.github.psft4j.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A configuration with every value and its origin, as YAML. The origin stands in a comment, so the file is itself a
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
        for (Key key : Sections.keys().values()) {
            if (!key.section().equals(section)) {
                section = key.section();
                out.append(section).append(":\n");
                if (section.equals("objective")) {
                    config.objectiveParameters()
                            .forEach((name, value) -> line(
                                    out, name, KeyTypes.scalarText(String.valueOf(value.value())), value.origin()));
                }
            }
            line(out, key.leaf(), text(key, config), config.origin(key.name()));
        }
        return out.toString();
    }

    /** Every setting with value and origin, for readers of JSON. */
    public static Map<String, Map<String, Object>> values(RunConfig config) {
        Map<String, Map<String, Object>> out = new LinkedHashMap<>();
        Sections.keys().forEach((name, key) -> {
            Object value = config.value(key);
            // JSON has numbers, booleans, texts, lists and maps; other values are written as in YAML.
            out.put(name, entry(isJson(value) ? value : key.type().format(value), config.origin(name)));
        });
        config.objectiveParameters()
                .forEach((name, value) -> out.put("objective." + name, entry(value.value(), value.origin())));
        return out;
    }

    private static boolean isJson(Object value) {
        return value == null
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof String
                || value instanceof List
                || value instanceof Map;
    }

    private static Map<String, Object> entry(Object value, Origin origin) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("value", value);
        out.put("origin", origin.label());
        return out;
    }

    private static String text(Key key, RunConfig config) {
        Object value = config.value(key);
        // The default would contradict a setting that was given instead.
        return value == null || config.isReplaced(key.name())
                ? NOTHING
                : key.type().format(value);
    }

    private static void line(StringBuilder out, String name, String value, Origin origin) {
        String line = "  " + name + ": " + value;
        String gap = " ".repeat(Math.max(1, COMMENT_COLUMN - line.length()));
        out.append(line + gap + "# " + origin.label() + "\n");
    }
}
