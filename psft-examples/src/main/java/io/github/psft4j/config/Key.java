package io.github.psft4j.config;

import io.github.psft4j.settings.Setting;
import java.util.List;

/**
 * A setting as configurations name it.
 *
 * @param section first part of its name
 * @param setting the declaration
 * @param type reads, checks and writes its value
 */
record Key(String section, Setting setting, KeyType<Object> type) {

    /** Section and leaf, with a dot between. */
    String name() {
        return section + "." + leaf();
    }

    /** The name within the section. */
    String leaf() {
        return setting.key();
    }

    /** The default as tables show it. */
    String shownDefault() {
        if (isRequired()) {
            return "required";
        }
        return setting.defaultValue() == null ? spelled(setting.otherwise()) : type.format(setting.defaultValue());
    }

    /** Whether a configuration must give it. */
    boolean isRequired() {
        return setting.defaultValue() == null && setting.otherwise().isEmpty();
    }

    /** Its description. */
    String doc() {
        return spelled(setting.doc());
    }

    /** A text about settings of the same record with their names in configurations instead of those in Java. */
    String spelled(String text) {
        return spelled(
                text, Setting.of(setting.component().getDeclaringRecord().asSubclass(Record.class)), section + ".");
    }

    /** Does the same for any settings. Names that could be plain words, such as {@code packing}, stay. */
    static String spelled(String text, List<Setting> settings, String prefix) {
        String out = text;
        for (Setting s : settings) {
            if (!s.name().equals(s.key())) {
                out = out.replaceAll("\\b" + s.name() + "\\b", prefix + s.key());
            }
        }
        return out;
    }
}
