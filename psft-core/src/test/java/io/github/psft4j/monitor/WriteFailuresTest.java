package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.mlflow.MlflowFileStore;
import io.github.psft4j.monitor.mlflow.MlflowListener;
import io.github.psft4j.monitor.signature.FailureSignatures;
import io.github.psft4j.monitor.tensorboard.TensorBoardListener;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TinyRuns;
import io.github.psft4j.train.TokenListener;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What cannot be written is named with the way out, before the first step if possible, and never loses a run. */
class WriteFailuresTest {

    private static final TrainingPlan PLAN = new TrainingPlan("psft", 12, 12, 0, 24, 100);

    private static Stream<Function<Path, TrainerListener>> writers() {
        return Stream.of(
                dir -> new JsonlMetrics(dir.resolve("metrics.jsonl")),
                dir -> new CsvMetrics(dir.resolve("metrics.csv")),
                dir -> new FailureSignatures(dir.resolve("warnings.jsonl")),
                dir -> new ClippedTokens(dir.resolve("clipped-tokens.json"), null),
                TensorBoardListener::new,
                dir -> new MlflowListener(new MlflowFileStore(dir), "e", "r", Map.of()),
                dir -> new HeldOutEvaluation(
                        TinyRuns.model(), TinyRuns.demonstrations(1, 1), 5, dir.resolve("eval.jsonl")));
    }

    @ParameterizedTest
    @MethodSource("writers")
    void aDirectoryThatCannotBeMadeIsNamedBeforeTheFirstStep(Function<Path, TrainerListener> writer, @TempDir Path dir)
            throws Exception {
        Path file = Files.writeString(dir.resolve("taken"), "x");
        UncheckedIOException e = assertThrows(
                UncheckedIOException.class,
                () -> writer.apply(file.resolve("run")).onStart(PLAN));
        assertTrue(
                e.getMessage()
                        .matches("(?s)cannot write .* to .*taken.*: .*is a file and not a directory; .*choose"
                                + " another.*"),
                e.getMessage());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskIsNamedWithTheFileAndTheWayOut() {
        JsonlMetrics metrics = new JsonlMetrics(Path.of("/dev/full"));
        metrics.onStart(PLAN);
        metrics.onStep(Steps.step(1).build());
        UncheckedIOException e = assertThrows(UncheckedIOException.class, metrics::close);
        assertEquals(
                "cannot write metrics to /dev/full: No space left on device; free space on that disk or choose a"
                        + " directory"
                        + " on another one",
                e.getMessage());
    }

    /** Fails at the third step and then at closing. */
    private static final class Failing implements TrainerListener {
        int told;
        boolean closed;

        @Override
        public void onStep(StepMetrics metrics) {
            told++;
            if (metrics.step() == 3) {
                throw new IllegalStateException("the third step");
            }
        }

        @Override
        public void close() {
            closed = true;
            throw new IllegalStateException("closing");
        }
    }

    /** Counts what it is told. */
    private static final class Counting implements TrainerListener {
        final List<Integer> steps = new ArrayList<>();
        boolean closed;

        @Override
        public void onStep(StepMetrics metrics) {
            steps.add(metrics.step());
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @Test
    void aFailingListenerEndsTheRunWithItsErrorAndAllListenersClosed() {
        Failing failing = new Failing();
        Counting counting = new Counting();
        CausalLm model = TinyRuns.model();
        IllegalStateException e = assertThrows(
                IllegalStateException.class,
                () -> TinyRuns.trainer(model)
                        .listener(failing)
                        .listener(counting)
                        .build()
                        .fit(TinyRuns.demonstrations(24, 5)));
        assertEquals("the third step", e.getMessage());
        assertEquals("closing", e.getSuppressed()[0].getMessage());
        assertEquals(List.of(1, 2), counting.steps);
        assertTrue(failing.closed && counting.closed);
    }

    @Test
    void anErrorOfAListenerLeavesNoOtherOneOpen() {
        Counting counting = new Counting();
        AssertionError error = new AssertionError("closing");
        TrainerListener failing = new TrainerListener() {
            @Override
            public void close() {
                throw error;
            }
        };
        PsftTrainer trainer = TinyRuns.trainer(TinyRuns.model())
                .listener(failing)
                .listener(counting)
                .build();
        assertSame(error, assertThrows(AssertionError.class, () -> trainer.fit(TinyRuns.demonstrations(2, 5))));
        assertTrue(counting.closed);
    }

    @Test
    void whatAListenerThrowsAgainAtClosingReachesTheCallerAsItIs() {
        IllegalStateException same = new IllegalStateException("disk gone");
        TrainerListener failing = new TrainerListener() {
            @Override
            public void onStep(StepMetrics metrics) {
                throw same;
            }

            @Override
            public void close() {
                throw same;
            }
        };
        PsftTrainer trainer = TinyRuns.trainer(TinyRuns.model())
                .listener(failing)
                .listener(failing)
                .build();
        assertSame(same, assertThrows(IllegalStateException.class, () -> trainer.fit(TinyRuns.demonstrations(2, 5))));
    }

    @Test
    void aProtectedListenerFailsAloneAndTheLogSaysSoTwice() {
        Failing failing = new Failing();
        Counting counting = new Counting();
        CausalLm model = TinyRuns.model();
        List<String> log = LogLines.during(
                FailSafeListener.class,
                () -> TinyRuns.trainer(model)
                        .listener(Listeners.keepTraining(failing))
                        .listener(counting)
                        .build()
                        .fit(TinyRuns.demonstrations(24, 5)));
        assertEquals(12, counting.steps.size());
        assertEquals(3, failing.told);
        assertTrue(failing.closed && counting.closed);
        assertTrue(log.get(0).contains("Failing failed after step 2 and is switched off"), log.toString());
        assertTrue(log.get(1).contains("recorded nothing after step 2, because it failed: the third step"), log.get(1));
        assertTrue(log.get(2).contains("could not be closed either"), log.toString());
    }

    @Test
    void whatFailsBeforeTheFirstStepEndsTheRunEvenUnderProtection(@TempDir Path dir) throws Exception {
        Path file = Files.writeString(dir.resolve("taken"), "x");
        CausalLm model = TinyRuns.model();
        float[] before = model.graph().params().dup().data().asFloat();
        assertThrows(
                UncheckedIOException.class,
                () -> TinyRuns.trainer(model)
                        .listeners(Listeners.defaults(file))
                        .build()
                        .fit(TinyRuns.demonstrations(24, 5)));
        assertArrayEquals(before, model.graph().params().data().asFloat());
    }

    @Test
    void protectionShowsTokensOnlyToThoseWhoWantThem() {
        assertFalse(Listeners.keepTraining(new Counting()) instanceof TokenListener);
        assertTrue(Listeners.keepTraining(new ClippedTokens(Path.of("x"), null)) instanceof TokenListener);
        assertSame(
                FailSafeListener.class, Listeners.keepTraining(new Counting()).getClass());
    }
}
