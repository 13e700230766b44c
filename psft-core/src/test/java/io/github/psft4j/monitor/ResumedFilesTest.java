package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.monitor.files.LineFile;
import io.github.psft4j.monitor.report.RunReport;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a run that was cut off and resumed are those of one that was not. */
class ResumedFilesTest {

    @TempDir
    private Path dir;

    private static void steps(TrainerListener listener, int resumedStep, int to) {
        listener.onStart(new TrainingPlan("psft", 9, 9, 0, 24, 100, resumedStep));
        for (int step = resumedStep + 1; step <= to; step++) {
            listener.onStep(Steps.step(step).build());
        }
        listener.close();
    }

    private void assertContinues(TrainerListener whole, Path expected, TrainerListener resumed, Path actual)
            throws Exception {
        steps(whole, 0, 9);
        steps(resumed, 0, 7);
        String last = Files.readAllLines(expected).get(8);
        Files.writeString(actual, last.substring(0, last.length() / 2), StandardOpenOption.APPEND);
        steps(resumed, 4, 9);
        assertEquals(Files.readString(expected), Files.readString(actual));
    }

    @Test
    void stepsAfterTheCheckpointAreReplaced() throws Exception {
        Path a = dir.resolve("a");
        Path b = dir.resolve("b");
        assertContinues(new JsonlMetrics(a), a, new JsonlMetrics(b), b);
        assertContinues(new CsvMetrics(a), a, new CsvMetrics(b), b);
    }

    /** The report of a run that was cut off in a character reads it, and so does its continuation. */
    @Test
    void aLineThatWasCutOffInsideACharacterIsDropped() throws Exception {
        byte[] whole = "{\"step\":1,\"text\":\"a\u00e4\"}\n{\"step\":2,\"text\":\"\u00e4\"}\n"
                .getBytes(StandardCharsets.UTF_8);
        Path file = dir.resolve("metrics.jsonl");
        Files.write(file, Arrays.copyOf(whole, whole.length - 4)); // the first byte of the second a umlaut is the last
        assertTrue(RunReport.read(List.of(dir)).page().toHtml().contains("Run "));
        LineFile.of("lines", file, LineFile::stepOfJson, 5).close();
        assertEquals("{\"step\":1,\"text\":\"a\u00e4\"}\n", Files.readString(file));
    }

    @Test
    void aNewRunStartsANewFileAndAResumedOneWithoutAFileToo() throws Exception {
        Path file = dir.resolve("metrics.jsonl");
        steps(new JsonlMetrics(file), 0, 7);
        steps(new JsonlMetrics(file), 0, 2);
        assertEquals(2, Files.readAllLines(file).size());
        Path csv = dir.resolve("metrics.csv");
        steps(new CsvMetrics(csv), 4, 6);
        List<String> lines = Files.readAllLines(csv);
        assertEquals(3, lines.size());
        assertEquals("step", lines.get(0).split(",")[0]);
    }
}
