package io.github.psft4j.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Configurations whose bytes are anything: what fuzzing executes and {@link HostileConfigTest} replays. */
final class HostileConfig {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Beside the 256 bytes per byte of input that a YAML parser may take for its tokens. */
    private static final long MAX_BYTES = 32 << 20;

    /** The loading of classes counts once or twice, what the input costs counts every time. */
    private static final int REPEATS = 4;

    private HostileConfig() {}

    /** Makes the model and the rows that the inputs name. */
    static void prepare(Path dir) throws IOException {
        Path share = Files.createDirectories(dir.resolve("share"));
        Files.writeString(Files.createDirectories(share.resolve("m")).resolve("config.json"), "{}");
        Files.writeString(share.resolve("d"), "{}\n");
        System.setProperty(Bundled.HOME_PROPERTY, dir.toString());
    }

    /**
     * Loads the bytes as a configuration; one that is accepted must say the same when it is written and read again.
     *
     * @param dir where the file is put, {@link #prepare}d
     * @return whether it is accepted
     */
    static boolean load(Path dir, byte[] bytes) throws IOException {
        Path file = Files.write(dir.resolve("fuzz.yaml"), bytes);
        RunConfig config = null;
        long max = MAX_BYTES + 256L * bytes.length;
        long allocated = max + 1;
        for (int i = 0; i < REPEATS && allocated > max; i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            config = accepted(file);
            allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        }
        assertTrue(allocated <= max, allocated + " bytes allocated");
        if (config == null) {
            return false;
        }
        Path resolved = Files.writeString(dir.resolve("resolved.yaml"), ResolvedFile.render(config, List.of()));
        RunConfig again = ConfigLoader.load(resolved, List.of());
        for (Key key : Sections.keys().values()) {
            assertEquals(config.value(key), again.value(key), key.name());
        }
        assertEquals(
                config.objectiveParameters().keySet(),
                again.objectiveParameters().keySet());
        return true;
    }

    private static RunConfig accepted(Path file) {
        try {
            return ConfigLoader.load(file, List.of());
        } catch (ConfigException e) {
            assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
            assertTrue(
                    e.getMessage().length() < 20_000,
                    () -> "a message of " + e.getMessage().length() + " characters");
            return null;
        }
    }
}
