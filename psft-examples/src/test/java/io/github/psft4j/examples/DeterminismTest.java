package io.github.psft4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes with the same settings learn the same weights to the last bit, whenever the JIT compiler gets to their
 * loops.
 */
class DeterminismTest {

    @TempDir
    Path dir;

    @Test
    void processesWithTheSameSettingsEndWithTheSameWeights() throws Exception {
        String weights = run("first");
        assertTrue(weights.contains("\"sha256\":\""), weights);
        assertEquals(weights, run("second"));
    }

    private String run(String name) throws Exception {
        Path log = dir.resolve(name + ".log");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-Dpsft.threads=2",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Determinism.class.getName(),
                        "--steps",
                        "6"))
                .redirectOutput(dir.resolve(name).toFile())
                .redirectError(log.toFile())
                .start();
        assertEquals(0, process.waitFor(), Files.readString(log, StandardCharsets.UTF_8));
        return Files.readString(dir.resolve(name), StandardCharsets.UTF_8);
    }
}
