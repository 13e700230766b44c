package io.github.psft4j.config;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Searches for configurations that are neither read nor refused with {@link ConfigException}, or say something else
 * when they are written and read again. Runs only when asked to ({@code .ci/fuzz}); {@link HostileConfigTest} replays
 * the inputs in every run.
 */
@EnabledIfEnvironmentVariable(named = "JAZZER_FUZZ", matches = "1")
class ConfigFuzzTest {

    @TempDir
    private static Path dir;

    @BeforeAll
    static void prepare() throws IOException {
        HostileConfig.prepare(dir);
    }

    @FuzzTest(maxDuration = "5m")
    void config(byte[] bytes) throws IOException {
        HostileConfig.load(dir, bytes);
    }
}
