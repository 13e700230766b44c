package io.github.psft4j.config;

import io.github.psft4j.io.Shown;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The objectives on the class path and their parameters as documentation: what the table of settings cannot know. */
final class ObjectiveTable {

    private static final String SECTION = ObjectiveSettings.SECTION;

    private ObjectiveTable() {}

    /** A line for every objective. */
    static String all() {
        StringBuilder out =
                new StringBuilder("Objectives, each with its parameters and their defaults (\"psft config keys"
                        + " objective.NAME\" explains those of one):\n");
        for (String name : ObjectiveRegistry.names()) {
            String parameters = ObjectiveRegistry.parameters(name).stream()
                    .map(p -> p.key() + " " + shownDefault(p))
                    .collect(Collectors.joining(", "));
            out.append(Shown.format("  %-24s %s", name, parameters).stripTrailing())
                    .append('\n');
        }
        return out.toString();
    }

    /** The heading of the parameters of {@code objective.NAME}; empty for anything else. */
    static String heading(String what) {
        if (!isObjective(what)) {
            return "";
        }
        String name = what.substring(SECTION.length());
        String doc = ObjectiveRegistry.doc(name);
        boolean none = ObjectiveRegistry.parameters(name).isEmpty();
        return name + ": " + doc + "\n" + (none ? "It has no parameters.\n" : "");
    }

    /** The parameters of {@code objective.NAME}, or those of all objectives that are called so. */
    static List<KeyTable.Line> lines(String what) {
        List<KeyTable.Line> lines = new ArrayList<>();
        for (String objective : ObjectiveRegistry.names()) {
            List<Setting> parameters = ObjectiveRegistry.parameters(objective);
            for (Setting p : parameters) {
                String name = SECTION + p.key();
                if (what.equals(SECTION + objective) || what.equals(name)) {
                    String doc = Key.spelled(p.doc(), parameters, "");
                    lines.add(new KeyTable.Line(
                            name, p.typeName(), shownDefault(p), what.equals(name) ? objective + ": " + doc : doc));
                }
            }
        }
        return lines;
    }

    static boolean isObjective(String what) {
        return what != null
                && ObjectiveRegistry.names().stream().map(SECTION::concat).anyMatch(what::equals);
    }

    /** The names that {@link #lines} knows. */
    static List<String> names() {
        return ObjectiveRegistry.names().stream()
                .flatMap(name -> Stream.concat(
                        Stream.of(name),
                        ObjectiveRegistry.parameters(name).stream().map(p -> p.key())))
                .map(SECTION::concat)
                .distinct()
                .toList();
    }

    private static String shownDefault(Setting p) {
        String text = String.valueOf(p.defaultValue()).toLowerCase(Locale.ROOT);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
