package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A trainer that is killed again and again ends with the weights of one that was left alone. {@code -Dpsft.kills=200} for more
 * than the 10 kills of an ordinary run.
 */
class CrashTest {

    private static final Logger LOG = LoggerFactory.getLogger(CrashTest.class);
    private static final int KILLS = Integer.getInteger("psft.kills", 10);

    @TempDir
    Path dir;

    @Test
    void killedTrainersLoseNothing() throws Exception {
        Path expected = dir.resolve("expected");
        assertEquals(0, start(dir.resolve("straight"), expected).waitFor(), "the trainer that is left alone");
        Random random = new Random(1);
        int kills = 0;
        int inWrites = 0;
        for (int run = 0; kills < KILLS; run++) {
            Path directory = dir.resolve("run" + run);
            Path actual = dir.resolve("actual" + run);
            while (true) {
                Process trainer = start(directory, actual);
                boolean killed = kills < KILLS && killAtRandom(trainer, random);
                if (!killed) {
                    assertEquals(0, trainer.waitFor(), "resuming after " + kills + " kills");
                    break;
                }
                kills++;
                inWrites += unfinished(directory) ? 1 : 0;
            }
            assertEquals(-1, Files.mismatch(expected, actual), "final weights of run " + run);
        }
        LOG.info("{} kills, {} of them while a checkpoint was being written", kills, inWrites);
        assertTrue(2 * inWrites >= KILLS, inWrites + " of " + kills + " kills fell into writes: too few to mean much");
    }

    /** Lets some steps pass, then kills some microseconds later; false if the trainer ended before. */
    private static boolean killAtRandom(Process trainer, Random random) throws IOException, InterruptedException {
        int steps = 1 + random.nextInt(CrashingTrainer.STEPS / 3);
        try (BufferedReader out = trainer.inputReader()) {
            String line = out.readLine();
            while (line != null) {
                if (line.startsWith("step ") && --steps == 0) {
                    Thread.sleep(random.nextInt(12), random.nextInt(1_000_000));
                    trainer.destroyForcibly().waitFor();
                    return true;
                }
                line = out.readLine();
            }
        }
        return false;
    }

    private static boolean unfinished(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.anyMatch(f -> f.getFileName().toString().startsWith(".unfinished")
                    || f.getFileName().toString().startsWith(".discarded"));
        }
    }

    private Process start(Path run, Path weights) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Dpsft.threads=1",
                "-cp",
                System.getProperty("java.class.path"),
                CrashingTrainer.class.getName(),
                run.toString(),
                weights.toString()));
        return new ProcessBuilder(command)
                .redirectError(dir.resolve("trainer.log").toFile())
                .start();
    }
}
