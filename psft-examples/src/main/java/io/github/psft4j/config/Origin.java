package io.github.psft4j.config;

/** Where the value of a setting comes from. */
public enum Origin {
    /** The table of settings. */
    DEFAULT,
    /** The configuration file. */
    FILE,
    /** {@code --set} on the command line. */
    OVERRIDE,
    /** The model's own files. */
    MODEL;

    /** Lower case, as written to config.resolved.yaml. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
