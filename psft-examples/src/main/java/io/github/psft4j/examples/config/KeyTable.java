package io.github.psft4j.examples.config;

import java.util.List;

/** The settings as documentation. */
public final class KeyTable {

    private KeyTable() {}

    /**
     * For a terminal.
     *
     * @param section null for all
     * @throws IllegalArgumentException if there is no such section
     */
    public static String text(String section) {
        StringBuilder out = new StringBuilder();
        for (Key<?> key : in(section)) {
            out.append(key.name())
                    .append("  (")
                    .append(key.type().describe())
                    .append("; default ")
                    .append(key.shownDefault())
                    .append(")\n    ")
                    .append(key.doc())
                    .append('\n');
        }
        return out.toString();
    }

    /** For docs/cli.md; see {@link #text}. */
    public static String markdown(String section) {
        StringBuilder out = new StringBuilder("| key | value | default | meaning |\n|---|---|---|---|\n");
        for (Key<?> key : in(section)) {
            out.append("| `")
                    .append(key.name())
                    .append("` | ")
                    .append(key.type().describe())
                    .append(" | ")
                    .append(key.isRequired() ? "required" : "`" + key.shownDefault() + "`")
                    .append(" | ")
                    .append(key.doc().replace("|", "\\|"))
                    .append(" |\n");
        }
        return out.toString();
    }

    private static List<Key<?>> in(String section) {
        List<Key<?>> keys = Keys.all().stream()
                .filter(key -> section == null
                        || key.section().equals(section)
                        || key.name().equals(section))
                .toList();
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("there is no section " + section + "; there are "
                    + Keys.all().stream().map(Key::section).distinct().toList());
        }
        return keys;
    }
}
