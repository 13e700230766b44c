package io.github.psft4j.hf.safetensors;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.psft4j.FuzzBounds;
import io.github.psft4j.hf.ModelFormatException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Searches for weight files and indices that are neither read nor refused; {@code .ci/fuzz}. Runs only when asked to,
 * because Jazzer instruments the whole virtual machine; {@link HostileFilesTest} replays the inputs in every run.
 */
@EnabledIfEnvironmentVariable(named = "JAZZER_FUZZ", matches = "1")
class SafetensorsFuzzTest {

    /** Inputs are of some kilobytes. */
    private static final long MAX_BYTES = 16 << 20;

    @TempDir
    private static Path dir;

    @BeforeAll
    static void shards() throws IOException {
        HostileFilesTest.writeShards(dir);
    }

    @FuzzTest(maxDuration = "5m")
    void file(byte[] bytes) throws Exception {
        FuzzBounds.within(MAX_BYTES, () -> {
            try {
                HostileFilesTest.open(dir, bytes);
            } catch (ModelFormatException e) {
                assertTrue(e.getMessage().contains("fuzz.safetensors"), e.getMessage());
            }
        });
    }

    @FuzzTest(maxDuration = "5m")
    void index(byte[] bytes) throws Exception {
        FuzzBounds.within(MAX_BYTES, () -> {
            try {
                HostileFilesTest.openIndex(dir, bytes);
            } catch (ModelFormatException e) {
                assertTrue(e.getMessage().contains(dir.toString()), e.getMessage());
            }
        });
    }
}
