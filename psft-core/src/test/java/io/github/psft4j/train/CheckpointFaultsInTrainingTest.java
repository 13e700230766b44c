package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.faults.FaultyFiles;
import io.github.psft4j.faults.FileOperation;
import io.github.psft4j.faults.FileOperation.Kind;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.checkpoint.CheckpointWriteException;
import io.github.psft4j.train.checkpoint.Manifest;
import io.github.psft4j.train.checkpoint.Retention;
import io.github.psft4j.train.checkpoint.RunLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A checkpoint that cannot be written costs neither the run nor the checkpoint before; a disk that stays full ends the
 * run by name.
 */
class CheckpointFaultsInTrainingTest {

    private static final int STEPS = 3;
    private static final List<Demonstration> DATA = TinyRuns.demonstrations(4);

    @TempDir
    Path dir;

    /** Collects what happens, and fails what it is told to, between the first checkpoint and the second. */
    private static final class Disk implements FaultyFiles.Hook {
        private final Predicate<FileOperation> broken;
        private final boolean forGood;
        final Set<String> seen = new LinkedHashSet<>();
        int failures;

        Disk(Predicate<FileOperation> broken, boolean forGood) {
            this.broken = broken;
            this.forGood = forGood;
        }

        @Override
        public void before(FileOperation operation) throws IOException {
            if (operation.path().endsWith(".lock")
                    || !operation.path().toString().contains("step-")) {
                return; // the run directory itself: made before the run, and flushed
            }
            boolean second = operation.path().toString().contains("step-00000002")
                    || operation.path().toString().contains(".discarded-step-00000001")
                    || operation.kind() == Kind.MOVE && operation.path().endsWith("step-00000001");
            if (second) {
                seen.add(operation.toString());
            }
            if ((second || forGood && failures > 0) && (forGood || failures == 0) && broken.test(operation)) {
                failures++;
                throw new IOException("No space left on device");
            }
        }
    }

    private static CausalLm train(CheckpointPolicy policy, int steps) {
        CausalLm model = TinyRuns.model();
        PsftTrainer.builder(model)
                .macroBatch(4)
                .miniBatch(2)
                .learningRate(3e-3)
                .maxSteps(steps)
                .checkpoints(policy.keep(1, 0))
                .build()
                .fit(DATA);
        return model;
    }

    private static CheckpointPolicy policy(Path run, Disk disk, boolean asynchronous) {
        CheckpointPolicy policy = CheckpointPolicy.every(1, FaultyFiles.wrap(run, disk));
        return asynchronous ? policy : policy.synchronous();
    }

    @ParameterizedTest(name = "asynchronous {0}")
    @ValueSource(booleans = {true, false})
    void afterAnyOneFaultTrainingGoesOnAndTheNextCheckpointIsWhole(boolean asynchronous) throws IOException {
        Disk whole = new Disk(operation -> false, false);
        float[] expected = TinyRuns.weights(train(policy(dir.resolve("whole"), whole, asynchronous), STEPS));
        assertTrue(whole.seen.size() > 40, whole.seen.toString());
        for (String name : whole.seen) {
            Path run = dir.resolve("run");
            Disk disk = new Disk(operation -> operation.toString().equals(name), false);
            float[] actual = TinyRuns.weights(train(policy(run, disk, asynchronous), STEPS));
            assertArrayEquals(expected, actual, name);
            assertEquals(1, disk.failures, name);
            assertEquals(List.of(".lock", "step-00000003"), names(run), name);
            Path last = new CheckpointStore(run).directory(STEPS);
            Manifest.read(last).verify(last);
            delete(run);
        }
    }

    @ParameterizedTest(name = "asynchronous {0}")
    @ValueSource(booleans = {true, false})
    void aDiskThatStaysFullEndsTheRunByNameAndKeepsTheCheckpointBefore(boolean asynchronous) {
        Disk disk = new Disk(operation -> operation.kind().changes() && operation.kind() != Kind.DELETE, true);
        CheckpointWriteException e =
                assertThrows(CheckpointWriteException.class, () -> train(policy(dir, disk, asynchronous), 9));
        assertTrue(e.getMessage().contains("3 checkpoints in a row could not be written"), e.getMessage());
        assertTrue(e.getMessage().contains("No space left on device")
                && e.getMessage().contains("free space"));
        Path first = new CheckpointStore(dir).newestIntact().orElseThrow();
        assertEquals(new CheckpointStore(dir).directory(1), first);
    }

    @Test
    void aLastCheckpointThatCannotBeWrittenIsAnErrorOfARunWhoseListenersAreToldOfItsEnd() {
        int[] ended = {0};
        CausalLm model = TinyRuns.model();
        PsftTrainer trainer = PsftTrainer.builder(model)
                .macroBatch(4)
                .miniBatch(2)
                .maxSteps(2)
                .checkpoints(new CheckpointPolicy(
                        FaultyFiles.wrap(dir, new Disk(operation -> operation.kind() == Kind.CREATE, true)),
                        2,
                        Retention.DEFAULT,
                        null,
                        true,
                        99,
                        null))
                .listener(new TrainerListener() {
                    @Override
                    public void onEnd(TrainingSummary summary) {
                        ended[0] = summary.steps();
                    }
                })
                .build();
        String message = assertThrows(CheckpointWriteException.class, () -> trainer.fit(DATA))
                .getMessage();
        assertTrue(message.contains("last step, 2,") && message.contains("model in memory"), message);
        assertEquals(2, ended[0]);
    }

    /**
     * Whoever gets the lock may remove what is being written. The wait only gives a trainer that lets go of it the time
     * to do so.
     */
    @Test
    void aTrainerThatIsInterruptedHoldsItsLockUntilTheCheckpointInFlightIsWhole() throws Exception {
        Thread[] trainer = new Thread[1];
        boolean[] interrupted = {false};
        List<String> found = new ArrayList<>();
        Path run = FaultyFiles.wrap(dir, operation -> {
            if (operation.kind() == Kind.MOVE
                    && operation.path().endsWith(".unfinished-step-00000002")
                    && Thread.currentThread() != trainer[0]) {
                try {
                    trainer[0].interrupt();
                    trainer[0].join(500);
                    RunLock.acquire(dir).close();
                    found.add("the lock was free");
                } catch (CheckpointException | InterruptedException e) {
                    found.add(e.getMessage());
                }
            }
        });
        trainer[0] = new Thread(() -> {
            try {
                train(CheckpointPolicy.every(1, run), 2);
            } catch (CheckpointException e) {
                assertTrue(e.getMessage().startsWith("interrupted while a checkpoint"), e.getMessage());
            }
            interrupted[0] = Thread.currentThread().isInterrupted();
        });
        trainer[0].start();
        trainer[0].join();
        assertEquals(1, found.size(), found.toString());
        assertTrue(found.get(0).startsWith("another trainer is writing"), found.toString());
        assertTrue(interrupted[0], "the interrupt is passed on");
        RunLock.acquire(dir).close();
        assertEquals(
                new CheckpointStore(dir).directory(2),
                new CheckpointStore(dir).newestIntact().orElseThrow());
        assertEquals(List.of(".lock", "step-00000002"), names(dir));
    }

    private static List<String> names(Path d) throws IOException {
        try (Stream<Path> files = Files.list(d)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    private static void delete(Path d) throws IOException {
        try (Stream<Path> files = Files.walk(d)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
