package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.monitor.ProgressListener.Mode;
import io.github.psft4j.train.TrainingPlan;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
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
}
