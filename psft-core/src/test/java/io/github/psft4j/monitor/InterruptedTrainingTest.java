package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.files.LineFile;
import io.github.psft4j.monitor.files.RunDirectory;
import io.github.psft4j.monitor.files.WholeFile;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TinyRuns;
import io.github.psft4j.train.TokenListener;
import io.github.psft4j.train.TrainedTokens;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import io.github.psft4j.train.TrainingSummary;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An interrupt of the training thread is a request to stop: all is recorded, the run can be resumed, the thread stays
 * interrupted.
 */
class InterruptedTrainingTest {

    private static final int STEP = 5;
    private static final List<Demonstration> DATA = TinyRuns.demonstrations(24, 5);

    @TempDir
    private Path dir;

    @AfterEach
    void leaveNoInterruptToOtherTests() {
        Thread.interrupted();
    }

    /** Interrupts its own thread: in the pass, when the step is told, when training has ended. */
    private record Interrupter(String when) implements TokenListener {
        private static int micro;

        @Override
        public void onTokens(TrainedTokens tokens) {
            if (++micro == 2 * STEP && when.equals("pass")) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void onStep(StepMetrics metrics) {
            if (metrics.step() == STEP && when.equals("step")) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A listener of somebody who has not thought of interrupts. */
    private static final class PlainChannel implements TrainerListener {
        private final Path file;
        private FileChannel channel;

        PlainChannel(Path file) {
            this.file = file;
        }

        private void write(String line) {
            try {
                channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onStart(TrainingPlan plan) {
            try {
                channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onStep(StepMetrics metrics) {
            write("step\n");
        }

        @Override
        public void onEnd(TrainingSummary summary) {
            write("end\n");
        }
    }

    @ParameterizedTest(name = "in the {0}, asynchronous checkpoints {1}")
    @CsvSource({"pass,true", "step,true", "step,false", "checkpoint,true", "checkpoint,false"})
    void anInterruptFinishesTheStepAndTheRunGoesOnFromThere(String when, boolean asynchronous) throws Exception {
        CausalLm straight = TinyRuns.model();
        TinyRuns.trainer(straight).build().fit(DATA);

        CausalLm model = TinyRuns.model();
        Interrupter.micro = 0;
        CheckpointPolicy policy = CheckpointPolicy.every(STEP, dir).bestBy(metrics -> {
            if (metrics.step() == STEP && when.equals("checkpoint")) {
                Thread.currentThread().interrupt(); // and then waits for the write
            }
            return 1;
        });
        HeldOutEvaluation evaluation = new HeldOutEvaluation(model, DATA, STEP, dir.resolve("eval.jsonl"));
        TrainingSummary summary = TinyRuns.trainer(model)
                .listener(new Interrupter(when))
                .listener(new PlainChannel(dir.resolve("plain")))
                .listener(new CsvMetrics(dir.resolve("metrics.csv")))
                .listeners(Listeners.defaults(dir, null, evaluation))
                .checkpoints(asynchronous ? policy : policy.synchronous())
                .build()
                .fit(DATA);
        assertTrue(Thread.interrupted(), "the thread was asked to end");
        assertTrue(summary.stopped());
        assertEquals(STEP, summary.steps());
        RunDirectory files = new RunDirectory(dir);
        assertEquals(STEP, Files.readAllLines(files.metrics()).size());
        assertEquals(STEP + 1, Files.readAllLines(files.metricsCsv()).size());
        assertEquals("step\n".repeat(STEP) + "end\n", Files.readString(dir.resolve("plain")));
        assertEquals(2, Files.readAllLines(files.evaluations()).size());
        assertTrue(Files.exists(files.report()) && Files.exists(files.clippedTokens()));

        CausalLm resumed = TinyRuns.model();
        TinyRuns.trainer(resumed)
                .resume(new CheckpointStore(dir).newestIntact().orElseThrow())
                .build()
                .fit(DATA);
        assertArrayEquals(
                straight.graph().params().data().asFloat(),
                resumed.graph().params().data().asFloat());
    }

    @Test
    void anInterruptBeforeTheRunEndsItBeforeItsFirstStep() {
        Thread.currentThread().interrupt();
        TrainingSummary summary = TinyRuns.trainer(TinyRuns.model())
                .checkpoints(CheckpointPolicy.every(STEP, dir))
                .build()
                .fit(DATA);
        assertTrue(Thread.interrupted());
        assertEquals(0, summary.steps());
    }

    /** A listener may be at work for long, in an evaluation, when the interrupt comes. */
    @Test
    void whatIsWrittenUnderAnInterruptIsWritten() throws Exception {
        Path lines = dir.resolve("lines");
        List<String> expected = new ArrayList<>();
        try (LineFile out = new LineFile("lines", lines)) {
            for (int i = 0; i < 6; i++) {
                if (i % 2 == 1) {
                    Thread.currentThread().interrupt();
                }
                out.write("line " + i);
                expected.add("line " + i);
                assertEquals(i % 2 == 1, Thread.interrupted());
            }
            Thread.currentThread().interrupt();
            WholeFile.write("a text", dir.resolve("whole"), "all");
        }
        assertTrue(Thread.interrupted());
        assertFalse(Thread.interrupted());
        assertEquals(expected, Files.readAllLines(lines));
        assertEquals("all", Files.readString(dir.resolve("whole")));
    }
}
