package io.github.psft4j.config;

/**
 * One setting: everything that help, table, validation and the resolved file say of it.
 *
 * @param name dotted name, section first
 * @param type reads, checks and writes its value
 * @param defaultValue value if it is not given; null where it is required or follows from others
 * @param defaultText what stands for a null default in tables
 * @param doc one or two sentences
 * @param <T> type of the value
 */
public record Key<T>(String name, KeyType<T> type, T defaultValue, String defaultText, String doc) {

    /** The part before the last dot; settings of one section share it. */
    public String section() {
        return name.substring(0, name.lastIndexOf('.'));
    }

    /** The part behind the last dot. */
    public String leaf() {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** The default as tables show it. */
    public String shownDefault() {
        return defaultValue == null ? defaultText : type.format(defaultValue);
    }

    /** Whether a configuration must give it. */
    public boolean isRequired() {
        return defaultValue == null && defaultText.equals("required");
    }
}
