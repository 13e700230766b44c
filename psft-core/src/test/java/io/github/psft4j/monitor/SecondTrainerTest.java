package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TinyRuns;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.checkpoint.RunLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run directory belongs to one trainer from before its first file to after its last; another one changes nothing in
 * it.
 */
class SecondTrainerTest {

    private static final List<Demonstration> DATA = TinyRuns.demonstrations(24, 5);

    @TempDir
    private Path dir;

    private static TrainerBuilder trainer(Path run) {
        CausalLm model = TinyRuns.model();
        HeldOutEvaluation evaluation = new HeldOutEvaluation(model, DATA, 2, run.resolve("eval.jsonl"));
        return TinyRuns.trainer(model)
                .maxSteps(4)
                .checkpoints(CheckpointPolicy.every(2, run))
                .listeners(Listeners.defaults(run, null, evaluation));
    }

    private Map<String, String> files() {
        Map<String, String> out = new TreeMap<>();
        try (Stream<Path> all = Files.walk(dir)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                out.put(dir.relativize(file).toString(), Files.size(file) + " " + Files.getLastModifiedTime(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out;
    }

    @Test
    void aSecondTrainerIsRefusedBeforeItsListenersTouchAFile() {
        List<String> events = new ArrayList<>();
        TrainerListener second = new TrainerListener() {
            @Override
            public void onStart(TrainingPlan plan) {
                events.add("started");
            }
        };
        trainer(dir)
                .checkpoints(CheckpointPolicy.every(2, dir).synchronous())
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics metrics) {
                        if (metrics.step() == 4) {
                            Map<String, String> before = files();
                            assertTrue(before.containsKey("metrics.jsonl"), before.toString());
                            refused(trainer(dir).listener(second));
                            refused(trainer(dir).listener(second).resume(new CheckpointStore(dir).directory(2)));
                            assertEquals(before, files());
                            events.add("refused");
                        }
                    }

                    @Override
                    public void close() {
                        refused(trainer(dir).listener(second)); // its report is not written yet
                    }
                })
                .build()
                .fit(DATA);
        assertEquals(List.of("refused"), events);
        RunLock.acquire(dir).close(); // free now
    }

    private static void refused(TrainerBuilder builder) {
        PsftTrainer trainer = builder.build();
        String message =
                assertThrows(CheckpointException.class, () -> trainer.fit(DATA)).getMessage();
        assertTrue(message.contains("another trainer"), message);
    }

    @Test
    void aLockOfTheCallerIsUsedAndStaysItsOwn() {
        Path run = dir.resolve("run");
        try (RunLock lock = RunLock.acquire(run)) {
            trainer(run).runLock(lock).build().fit(DATA);
            refused(trainer(run));
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class,
                    () -> trainer(dir.resolve("b")).runLock(lock).build().fit(DATA));
            assertTrue(e.getMessage().contains(dir.resolve("b").toString()), e.getMessage());
            lock.close();
            PsftTrainer late = trainer(run).runLock(lock).build();
            assertThrows(IllegalArgumentException.class, () -> late.fit(DATA));
        }
    }
}
