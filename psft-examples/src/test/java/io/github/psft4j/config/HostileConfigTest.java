package io.github.psft4j.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hostile configurations: whatever the bytes are, a file is read, and says the same when written and read again, or
 * refused with {@link ConfigException}. Replays the inputs of {@link ConfigFuzzTest}: ok-* must be accepted, bad-*
 * refused.
 */
class HostileConfigTest {

    private static final Path INPUTS = Path.of("src/test/resources/io/github/psft4j/config/ConfigFuzzTestInputs");

    @TempDir
    private static Path dir;

    private static String home;

    @BeforeAll
    static void prepare() throws IOException {
        home = System.getProperty(Bundled.HOME_PROPERTY);
        HostileConfig.prepare(dir);
    }

    @AfterAll
    static void restore() {
        if (home == null) {
            System.clearProperty(Bundled.HOME_PROPERTY);
        } else {
            System.setProperty(Bundled.HOME_PROPERTY, home);
        }
    }

    static Stream<Path> inputs() throws IOException {
        try (Stream<Path> files = Files.list(INPUTS.resolve("config"))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void aConfigurationIsReadOrRefused(Path input) throws IOException {
        boolean accepted = HostileConfig.load(dir, Files.readAllBytes(input));
        String name = input.getFileName().toString();
        if (name.startsWith("ok-") || name.startsWith("bad-")) {
            assertEquals(name.startsWith("ok-"), accepted, name);
        }
    }

    @Test
    void whatFuzzingKeptIsReadOrRefused() throws IOException {
        try (InputStream file = Files.newInputStream(INPUTS.resolve("config.zip"));
                ZipInputStream zip = new ZipInputStream(file)) {
            while (zip.getNextEntry() != null) {
                HostileConfig.load(dir, zip.readAllBytes());
            }
        }
    }
}
