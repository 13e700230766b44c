package io.github.psft4j.config;

import io.github.psft4j.io.NearestName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The settings as documentation. */
public final class KeyTable {

    /**
     * A setting.
     *
     * @param name dotted
     * @param value what is allowed
     * @param shownDefault the default as tables show it
     */
    record Line(String name, String value, String shownDefault, String doc) {
        static Line of(Key key) {
            return new Line(key.name(), key.type().describe(), key.shownDefault(), key.doc());
        }
    }

    private KeyTable() {}

    /**
     * The table for a terminal. All objectives with their parameters follow the section {@code objective}.
     *
     * @param what a section of a run or of an evaluation task, a setting, an objective such as {@code objective.psft},
     *     a parameter of objectives such as {@code objective.eps_high}, or null for all settings
     * @throws IllegalArgumentException if there is no such thing
     */
    public static String text(String what) {
        StringBuilder out = new StringBuilder(ObjectiveTable.heading(what));
        for (Line line : lines(what)) {
            out.append(line.name() + "  (" + line.value() + "; default " + line.shownDefault() + ")\n");
            out.append("    " + line.doc() + "\n");
            if (endsObjectives(line, what)) {
                out.append(ObjectiveTable.all());
            }
        }
        return out.toString();
    }

    private static boolean endsObjectives(Line line, String what) {
        boolean whole = what == null || what.equals("objective");
        return line.name().equals(whole ? "objective.aggregation" : "objective.name");
    }

    /** The table for docs/cli.md; see {@link #text}. */
    public static String markdown(String what) {
        StringBuilder out = new StringBuilder("| key | value | default | meaning |\n|---|---|---|---|\n");
        for (Line line : lines(what)) {
            String shown = line.shownDefault().equals("required") ? "required" : "`" + line.shownDefault() + "`";
            out.append("| `" + line.name() + "` | " + escaped(line.value()) + " | " + shown + " | ");
            out.append(escaped(line.doc()) + " |\n");
        }
        return out.toString();
    }

    private static String escaped(String cell) {
        return cell.replace("|", "\\|");
    }

    private static List<Line> lines(String what) {
        boolean ofTask = what != null && TaskFile.SECTIONS.containsKey(what.replaceAll("\\..*", ""));
        Collection<Key> keys = (ofTask ? Sections.keys(TaskFile.SECTIONS) : Sections.keys()).values();
        List<Line> lines = new ArrayList<>(keys.stream()
                .filter(key ->
                        what == null || key.section().equals(what) || key.name().equals(what))
                .map(Line::of)
                .toList());
        if (lines.isEmpty()) {
            lines.addAll(ObjectiveTable.lines(what));
        }
        if (lines.isEmpty() && !ObjectiveTable.isObjective(what)) {
            Set<String> sections = Sections.ALL.keySet();
            List<String> names = Stream.of(
                            sections.stream(), keys.stream().map(Key::name), ObjectiveTable.names().stream())
                    .flatMap(name -> name)
                    .toList();
            throw new IllegalArgumentException("there is no section, setting or objective " + what
                    + NearestName.hint(what, names)
                    + "\nSections are " + String.join(", ", sections) + "; of evaluation tasks "
                    + String.join(", ", TaskFile.SECTIONS.keySet()));
        }
        return lines;
    }
}
