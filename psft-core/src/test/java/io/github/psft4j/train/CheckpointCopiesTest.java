package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.JsonlMetrics;
import io.github.psft4j.train.checkpoint.CheckpointCopies;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointWriteException;
import io.github.psft4j.train.checkpoint.LocalStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that are copied to a storage elsewhere: a run goes on from there when its own directory is lost. */
class CheckpointCopiesTest {

    private static final List<Demonstration> DATA = TinyRuns.demonstrations(24);

    @TempDir
    Path dir;

    private LocalStorage storage;
    private Path away;

    @BeforeEach
    void open() {
        away = dir.resolve("away");
        storage = new LocalStorage(away);
    }

    private CheckpointPolicy policy(String run) {
        return CheckpointPolicy.every(3, dir.resolve(run)).keep(3, 0).copiedTo(storage);
    }

    private static float[] train(TrainerBuilder trainer, CausalLm model) {
        trainer.build().fit(DATA);
        return TinyRuns.weights(model);
    }

    /** Goes on from what {@code resumeNewest} finds. */
    private float[] resumed(String run) {
        CausalLm model = TinyRuns.model();
        return train(TinyRuns.trainer(model).checkpoints(policy(run)).resumeNewest(), model);
    }

    private float[] straight() {
        CausalLm model = TinyRuns.model();
        return train(TinyRuns.trainer(model).checkpoints(policy("first")), model);
    }

    private void damage(String step) throws IOException {
        Files.write(away.resolve(step).resolve("optimizer.safetensors"), new byte[1], StandardOpenOption.APPEND);
    }

    @Test
    void aRunWhoseDirectoryIsLostGoesOnFromTheNewestWholeCopyToTheSameBits() throws IOException {
        float[] expected = straight();
        assertEquals(List.of("step-00000006", "step-00000009", "step-00000012"), storage.list());
        storage.remove("step-00000012");
        damage("step-00000009");
        assertArrayEquals(expected, resumed("second"));
        assertEquals(
                List.of("abandoned-step-00000009", "step-00000006", "step-00000009", "step-00000012"),
                storage.list(),
                "the branch that the run left is set aside");
    }

    @Test
    void theNewerOfRunDirectoryAndCopiesIsTaken() {
        straight();
        Path run = dir.resolve("first");
        assertEquals(
                run.resolve("step-00000012"), policy("first").newestIntact().orElseThrow());
        storage.remove("step-00000012");
        assertEquals(
                run.resolve("step-00000012"), policy("first").newestIntact().orElseThrow());
        Path fetched = new CheckpointCopies(run, storage).fetch("step-00000009");
        assertTrue(Files.exists(fetched.resolve("manifest.json")));
        assertFalse(Files.exists(run.resolve("abandoned-step-00000009")), "the same checkpoint stays as it is");
    }

    @Test
    void aRunDoesNotSilentlyStartAgainWhenNoCopyIsWholeOrTheStorageIsAway() throws IOException {
        straight();
        storage.remove("step-00000012");
        storage.remove("step-00000006");
        damage("step-00000009");
        CheckpointException damaged =
                assertThrows(CheckpointException.class, () -> policy("other").newestIntact());
        assertTrue(damaged.getMessage().contains("optimizer.safetensors"), damaged.getMessage());
        storage.failing(true);
        assertThrows(UncheckedIOException.class, () -> policy("other").newestIntact());
    }

    @Test
    void copiesThatFailEndTheRunLikeCheckpointsThatFailAndLeaveThoseOfTheRunDirectory() {
        CausalLm model = TinyRuns.model();
        TrainerListener breaks = new TrainerListener() {
            @Override
            public void onStep(StepMetrics metrics) {
                storage.failing(metrics.step() >= 3);
            }
        };
        PsftTrainer trainer = TinyRuns.trainer(model)
                .checkpoints(policy("first").synchronous())
                .listener(breaks)
                .build();
        String message = assertThrows(CheckpointWriteException.class, () -> trainer.fit(DATA))
                .getMessage();
        assertTrue(message.contains("the test storage does not answer"), message);
        assertTrue(Files.exists(dir.resolve("first").resolve("step-00000009").resolve("manifest.json")));
    }

    @Test
    void aRunEndsAtItsNextCheckpointWhenAnotherHasBegunToWriteThere() {
        CheckpointCopies other = new CheckpointCopies(dir.resolve("other"), storage);
        TrainerListener begins = new TrainerListener() {
            @Override
            public void onStep(StepMetrics metrics) {
                if (metrics.step() == 4) {
                    other.begin(-1);
                }
            }
        };
        PsftTrainer trainer = TinyRuns.trainer(TinyRuns.model())
                .checkpoints(policy("first").synchronous())
                .listener(begins)
                .build();
        String message =
                assertThrows(CheckpointException.class, () -> trainer.fit(DATA)).getMessage();
        assertTrue(message.startsWith("another run has begun to write to " + storage.name()), message);
        assertTrue(message.contains("checkpoint.copy_to of its own"), message);
        assertEquals(List.of(".owner", "abandoned-step-00000003"), storage.list(), "the mark is the other's");
        other.end();
        assertEquals(List.of("abandoned-step-00000003"), storage.list());
    }

    @Test
    void metricsGoAlongAndComeBackToARunDirectoryThatHasNone() throws IOException {
        Path metrics = dir.resolve("first").resolve("metrics.jsonl");
        CausalLm whole = TinyRuns.model();
        train(TinyRuns.trainer(whole).checkpoints(policy("first")).listener(new JsonlMetrics(metrics)), whole);
        List<String> lines = Files.readAllLines(metrics);
        assertEquals(12, lines.size());
        storage.remove("step-00000012");
        Path second = dir.resolve("second").resolve("metrics.jsonl");
        CausalLm model = TinyRuns.model();
        train(
                TinyRuns.trainer(model)
                        .checkpoints(policy("second"))
                        .listener(new JsonlMetrics(second))
                        .resumeNewest(),
                model);
        List<String> resumed = Files.readAllLines(second);
        assertEquals(lines.subList(0, 9), resumed.subList(0, 9), "fetched with the checkpoint of step 9");
        assertEquals(12, resumed.size());
        assertFalse(storage.list().contains(".owner"), "a run that has ended leaves no mark");

        Path third = Files.createDirectories(dir.resolve("third"));
        Files.writeString(third.resolve("metrics.jsonl"), "mine");
        new CheckpointCopies(third, storage).fetch("step-00000009");
        assertEquals("mine", Files.readString(third.resolve("metrics.jsonl")));
    }
}
