package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A trainer that is killed again and again ends with the weights of one that was left alone. Every other kill falls
 * into the writing of a checkpoint, at a file operation before which the trainer waits for it; the others fall where
 * the clock has it. {@code -Dpsft.kills=200} for more than the 10 kills of an ordinary run, {@code -Dpsft.kills.seed=2}
 * for others.
 */
class CrashTest {

    private static final Logger LOG = LoggerFactory.getLogger(CrashTest.class);
    private static final int KILLS = Integer.getInteger("psft.kills", 10);

    /** Steps that pass before a kill, at most. */
    private static final int STEPS = CrashingTrainer.STEPS / 3;

    /** The same name for every run directory: names are how operations are told apart. */
    private static final String RUN = "run";

    /** File operations of a checkpoint, roughly. */
    private static final int OPERATIONS_PER_STEP = 150;

    @TempDir
    Path dir;

    private final Random random = new Random(Long.getLong("psft.kills.seed", 1));
    private final List<String> operations = new ArrayList<>(); // of writing a checkpoint, in an order drawn by chance
    private int misses; // runs that ended before the operation at which they were to be killed

    @Test
    void killedTrainersLoseNothing() throws Exception {
        Path expected = dir.resolve("expected");
        trainUndisturbed(expected);
        int kills = 0;
        int inWrites = 0;
        int runs = 0;
        for (; kills < KILLS; runs++) {
            Path run = dir.resolve(Integer.toString(runs)).resolve(RUN);
            Path actual = dir.resolve("actual" + runs);
            boolean killed = true;
            while (killed && kills < KILLS) {
                boolean inWrite = 2 * inWrites <= kills;
                killed = inWrite ? killInWrite(run, actual, operation(inWrites)) : killAtRandom(run, actual);
                kills += killed ? 1 : 0;
                inWrites += killed && inWrite ? 1 : 0;
            }
            if (killed) {
                Process trainer = start(run, actual);
                while (trainer.inputReader().readLine() != null) {} // a full pipe would stop it
                assertFalse(wasKilled(trainer), "the trainer that is left alone after " + kills + " kills");
            }
            assertEquals(-1, Files.mismatch(expected, actual), "final weights of run " + runs);
        }
        Set<String> stoppedBefore = new TreeSet<>();
        for (int i = 0; i < inWrites; i++) {
            stoppedBefore.add(operation(i));
        }
        LOG.info(
                "{} kills, {} of them in the writing of a checkpoint; {} runs, all with the final weights of the"
                        + " straight one;"
                        + " before {} of {} kinds of operations: {}",
                kills,
                inWrites,
                runs,
                stoppedBefore.size(),
                operations.size(),
                stoppedBefore);
        assertTrue(2 * inWrites >= KILLS, inWrites + " of " + kills + " kills fell into writes");
    }

    /** Writes the expected weights and collects the operations that kills are aimed at. */
    private void trainUndisturbed(Path expected) throws IOException, InterruptedException {
        Process trainer = start(dir.resolve("straight").resolve(RUN), expected);
        BufferedReader out = trainer.inputReader();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(CrashingTrainer.OPERATION)) {
                operations.add(line.substring(CrashingTrainer.OPERATION.length()));
            }
        }
        assertFalse(wasKilled(trainer), "the trainer that is left alone");
        Collections.shuffle(operations, random);
    }

    private String operation(int i) {
        return operations.get(i % operations.size());
    }

    /** Kills where the trainer waits in the middle of writing a checkpoint; false if it ended before. */
    private boolean killInWrite(Path run, Path weights, String operation) throws IOException, InterruptedException {
        // What came too late for the last attempt is met as soon as it comes.
        int letPass = misses > 0 ? 0 : random.nextInt(STEPS * OPERATIONS_PER_STEP);
        Process trainer = start(run, weights, operation, Integer.toString(letPass));
        if (awaitLines(CrashingTrainer.WAITING, 1, trainer)) {
            trainer.destroyForcibly();
        }
        boolean killed = wasKilled(trainer);
        misses = killed ? 0 : misses + 1;
        assertTrue(misses < 3, "a whole run came without the operation " + operation);
        return killed;
    }

    /** Lets some steps pass, then kills some microseconds later; false if the trainer ended before. */
    private boolean killAtRandom(Path run, Path weights) throws IOException, InterruptedException {
        Process trainer = start(run, weights);
        if (awaitLines(CrashingTrainer.STEP, 1 + random.nextInt(STEPS), trainer)) {
            Thread.sleep(random.nextInt(12), random.nextInt(1_000_000));
            trainer.destroyForcibly();
        }
        return wasKilled(trainer);
    }

    /** Waits for the n-th line of that kind; false if the program ends before. */
    private static boolean awaitLines(String start, int n, Process trainer) throws IOException {
        int seen = 0;
        BufferedReader out = trainer.inputReader();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(start) && ++seen == n) {
                return true;
            }
        }
        return false;
    }

    private boolean wasKilled(Process trainer) throws IOException, InterruptedException {
        int code = trainer.waitFor();
        assertNotEquals(CrashingTrainer.FAILED, code, () -> "the trainer failed:\n" + log());
        return code != 0;
    }

    private String log() {
        try {
            return Files.readString(dir.resolve("trainer.log"));
        } catch (IOException e) {
            return "its messages cannot be read: " + e;
        }
    }

    private Process start(Path run, Path weights, String... operation) throws IOException {
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
        command.addAll(List.of(operation));
        return new ProcessBuilder(command)
                .redirectError(dir.resolve("trainer.log").toFile())
                .start();
    }
}
