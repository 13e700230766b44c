package io.github.psft4j.cli.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The versions of this program's parts, found without loading them. */
public final class Versions {

    private static final String RESOURCE = "/io/github/psft4j/cli/console/versions.properties";

    private Versions() {}

    /** Versions by name. */
    public static Map<String, String> all() {
        Properties built = new Properties();
        try (InputStream in = Versions.class.getResourceAsStream(RESOURCE)) {
            built.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + RESOURCE + " of psft's own jar", e);
        }
        Map<String, String> out = new LinkedHashMap<>();
        for (String name : new String[] {"psft", "deeplearning4j", "backend"}) {
            out.put(name, built.getProperty(name));
        }
        out.put(
                "java",
                System.getProperty("java.version") + " (" + System.getProperty("java.vm.name") + ", "
                        + System.getProperty("java.home") + ")");
        out.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        return out;
    }

    /** The lines of {@code --version}. */
    public static final class Provider implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"psft " + all().get("psft")};
        }
    }
}
