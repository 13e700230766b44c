package io.github.psft4j.data;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.psft4j.data.rows.DataFormatException;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Searches for data files that are neither read nor refused with {@link DataFormatException}, and for small ones that
 * take much memory or time. Runs only when asked to ({@code .ci/fuzz}); {@link HostileDataTest} replays the inputs in
 * every run.
 */
@EnabledIfEnvironmentVariable(named = "JAZZER_FUZZ", matches = "1")
class DataFuzzTest {

    @TempDir
    private static Path dir;

    @FuzzTest(maxDuration = "5m")
    void jsonl(byte[] bytes) throws Exception {
        read("fuzz.jsonl", bytes);
    }

    @FuzzTest(maxDuration = "5m")
    void parquet(byte[] bytes) throws Exception {
        read("fuzz.parquet", bytes);
    }

    private static void read(String name, byte[] bytes) throws Exception {
        try {
            HostileData.examples(dir.resolve(name), bytes);
        } catch (DataFormatException refused) {
            // named, which was checked
        }
    }
}
