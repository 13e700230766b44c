package io.github.psft4j.rollout.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run on samples that is killed again and again ends with the weights of one that was left alone. Kills fall where
 * the clock has it: into sampling, training and the writing of checkpoints. {@code -Dpsft.kills=20} for more than the 3
 * of an ordinary run.
 */
class RolloutCrashTest {

    private static final int KILLS = Integer.getInteger("psft.kills", 3);

    @TempDir
    Path dir;

    private final Random random = new Random(Long.getLong("psft.kills.seed", 1));

    @Test
    void killedRunsLoseNothing() throws Exception {
        Path expected = dir.resolve("expected");
        assertEquals(0, finish(start(dir.resolve("straight"), expected)));
        int kills = 0;
        for (int runs = 0; kills < KILLS; runs++) {
            Path run = dir.resolve("run" + runs);
            Path actual = dir.resolve("actual" + runs);
            boolean killed = true;
            while (killed && kills < KILLS) {
                killed = kill(run, actual);
                kills += killed ? 1 : 0;
            }
            if (killed) {
                assertEquals(0, finish(start(run, actual)));
            }
            assertEquals(-1, Files.mismatch(expected, actual), "final weights of run " + runs);
        }
    }

    /** Lets some steps pass, then kills some milliseconds later; false if the program ended before. */
    private boolean kill(Path run, Path weights) throws IOException, InterruptedException {
        Process sampler = start(run, weights);
        BufferedReader out = sampler.inputReader();
        int left = 1 + random.nextInt(SampledRuns.STEPS / 3); // steps
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            left -= line.startsWith(CrashingSampler.STEP) ? 1 : 0;
            if (left == 0) {
                Thread.sleep(random.nextInt(60));
                sampler.destroyForcibly(); // which closes its output
                return code(sampler) != 0;
            }
        }
        return code(sampler) != 0;
    }

    private int finish(Process sampler) throws IOException, InterruptedException {
        BufferedReader out = sampler.inputReader();
        while (out.readLine() != null) {} // a full pipe would stop it
        return code(sampler);
    }

    private int code(Process sampler) throws InterruptedException {
        int code = sampler.waitFor();
        assertNotEquals(CrashingSampler.FAILED, code, () -> "the run failed:\n" + log());
        return code;
    }

    private String log() {
        try {
            return Files.readString(dir.resolve("run.log"));
        } catch (IOException e) {
            return "its messages cannot be read: " + e;
        }
    }

    private Process start(Path run, Path weights) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-Dpsft.threads=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashingSampler.class.getName(),
                        run.toString(),
                        weights.toString())
                .redirectError(dir.resolve("run.log").toFile())
                .start();
    }
}
