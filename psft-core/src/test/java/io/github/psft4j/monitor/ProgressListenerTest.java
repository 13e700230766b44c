package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.monitor.ProgressListener.Mode;
import io.github.psft4j.train.TrainingPlan;
import io.github.psft4j.train.TrainingSummary;
import java.io.File;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Without a terminal progress is a few lines in the log, with all numbers; quiet is quiet. */
class ProgressListenerTest {

    private final AtomicLong now = new AtomicLong();

    private List<String> lines(Mode mode) {
        return LogLines.during(ProgressListener.class, () -> {
            ProgressListener progress = new ProgressListener("run", mode, now::get);
            progress.onStart(new TrainingPlan("psft", 100, 100, 0, 800, 1000));
            for (int step = 1; step <= 100; step++) {
                now.addAndGet(2_000_000_000L);
                progress.onStep(Steps.step(step).clip((step - 1) % 8 / 10.0).build());
            }
            progress.close();
        });
    }

    /** The clip fraction is 0 after every snapshot, so the line has the mean of the latest whole macro-batch. */
    @Test
    void theLogGetsTheFirstStepOneLineInThirtySecondsAndTheLastStep() {
        List<String> lines = lines(Mode.LOG);
        assertEquals(1 + 6 + 1, lines.size(), lines.toString()); // steps 1, 16, 31, 46, 61, 76, 91, 100
        assertEquals(
                "run: step 16 of 100 (16 %), NLL 1.000, entropy 0.500, clip 35.0 %, 9,000 tok/s, elapsed 0:00:32,"
                        + " ETA 0:02:48",
                lines.get(1));
    }

    @Test
    void quietIsQuiet() {
        assertEquals(List.of(), lines(Mode.QUIET));
    }

    @Test
    void testsHaveNoTerminalSoThatAutomaticIsTheLog() {
        assertEquals(8, lines(Mode.AUTO).size());
    }

    /** A program that has the dependencies of psft-core alone. */
    static final class WithoutLogger {
        public static void main(String[] args) {
            ProgressListener progress = new ProgressListener("run", Mode.LOG);
            progress.onStart(new TrainingPlan("psft", 1, 1, 0, 8, 1000));
            progress.onStep(Steps.step(1).build());
            progress.onEnd(new TrainingSummary(1, 0, null, 2));
        }
    }

    @Test
    void programWithoutALoggerSeesItsProgressOnStandardError() throws Exception {
        String classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("logback"))
                .collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath,
                        WithoutLogger.class.getName())
                .start();
        process.getInputStream().transferTo(OutputStream.nullOutputStream());
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(err.contains("no logger is on the class path"), err);
        assertTrue(err.contains("run: step 1 of 1 (100 %), NLL 1.000"), err);
        assertTrue(err.contains("run: 1 steps in 2.0 s, 0 skipped"), err);
        assertEquals(0, process.waitFor());
    }
}
