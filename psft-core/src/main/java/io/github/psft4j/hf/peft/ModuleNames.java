package io.github.psft4j.hf.peft;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Names of modules as PEFT 0.21 matches them. An entry of a list is the full name or its end behind a dot. A single
 * text is a regular expression for the full name, or {@code all-linear}.
 *
 * @param list entries, empty if there is a pattern
 * @param pattern regular expression, null for the list
 */
public record ModuleNames(List<String> list, String pattern) {

    /** Matches nothing. */
    public static final ModuleNames NONE = new ModuleNames(List.of(), null);

    /** Every linear module but the output head. */
    public static final ModuleNames ALL_LINEAR = new ModuleNames(List.of(), ".*");

    private static final String ALL = "all-linear";

    /** Copies the list. */
    public ModuleNames {
        list = List.copyOf(list);
    }

    /** From a single text. */
    public static ModuleNames of(String text) {
        return text.equals(ALL) ? ALL_LINEAR : new ModuleNames(List.of(), text);
    }

    /** From a list. */
    public static ModuleNames of(List<String> names) {
        return names.equals(List.of(ALL)) ? ALL_LINEAR : new ModuleNames(names, null);
    }

    /** Whether a full name is meant. */
    public boolean matches(String name) {
        return pattern != null ? Pattern.matches(pattern, name) : names(name);
    }

    /** Whether an entry of the list is the full name itself. */
    boolean holds(String name) {
        return list.contains(name);
    }

    /** The list, or the regular expression in quotes. */
    @Override
    public String toString() {
        return pattern == null ? list.toString() : "'" + pattern + "'";
    }

    private boolean names(String name) {
        return list.stream().anyMatch(entry -> name.equals(entry) || name.endsWith("." + entry));
    }
}
