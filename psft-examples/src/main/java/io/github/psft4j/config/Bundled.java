package io.github.psft4j.config;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * Models and data that come with psft. {@code bundled:NAME} is a file or directory in {@code share} of the
 * installation.
 */
public final class Bundled {

    /** Where psft is installed; the start script sets it. */
    public static final String HOME_PROPERTY = "psft.home";

    private static final String PREFIX = "bundled:";

    private Bundled() {}

    /** The path that a setting means. */
    public static Path resolve(String text) {
        if (!text.startsWith(PREFIX)) {
            return Path.of(text);
        }
        return Path.of(System.getProperty(HOME_PROPERTY, "."), "share", text.substring(PREFIX.length()));
    }

    /** The paths that the entries of a setting mean. */
    public static List<Path> resolve(Collection<String> texts) {
        return texts.stream().map(Bundled::resolve).toList();
    }
}
