package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainingPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One line per step under the names of the JSON fields, readable by a spreadsheet whatever the locale. */
class CsvMetricsTest {

    @Test
    void everyStepIsOneLineUnderItsHeading(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("run/metrics.csv");
        CsvMetrics metrics = new CsvMetrics(file);
        metrics.onStart(new TrainingPlan("psft", 2, 2, 0, 4, 100));
        metrics.onStep(Steps.step(1).build());
        metrics.onStep(Steps.step(2)
                .objective("a \"b\", c")
                .nll(Double.NaN)
                .norm(Double.POSITIVE_INFINITY)
                .build());
        List<String> lines = Files.readAllLines(file); // before close
        metrics.close();
        assertEquals(
                List.of(
                        "step,macro_step,epoch,objective,loss,nll,entropy,mean_ratio,clip_fraction,approx_kl,"
                                + "mean_coefficient,"
                                + "grad_norm,lr,tokens,tokens_per_second,skipped",
                        "1,1,1,psft,-1.0,1.0,0.5,1.01,0.02,0.01,0.98,1.0,1.0E-4,300,9000.0,0",
                        "2,1,1,\"a \"\"b\"\", c\",-1.0,,0.5,1.01,0.02,0.01,0.98,,1.0E-4,300,9000.0,0"),
                lines);
    }

    @Test
    void measuresOfTheFirstStepAreColumnsAlsoOfAResumedRun(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("metrics.csv");
        CsvMetrics metrics = new CsvMetrics(file);
        metrics.onStart(new TrainingPlan("grpo", 3, 3, 0, 4, 100));
        metrics.onStep(measured(1, Map.of("reward", 0.5)));
        metrics.onStep(measured(2, Map.of()));
        metrics.close();
        CsvMetrics resumed = new CsvMetrics(file);
        resumed.onStart(new TrainingPlan("grpo", 3, 3, 0, 4, 100, 1));
        resumed.onStep(measured(2, Map.of("reward", 0.25)));
        resumed.close();
        List<String> lines = Files.readAllLines(file);
        assertEquals(3, lines.size());
        assertEquals("step,macro_step", lines.get(0).substring(0, 15));
        assertEquals(
                List.of("skipped,reward", "0,0.5", "0,0.25"),
                lines.stream()
                        .map(line -> line.substring(line.lastIndexOf(',', line.lastIndexOf(',') - 1) + 1))
                        .toList());
    }

    /** Nothing is lost: the column is empty before the measure comes up, and stays in a resumed run. */
    @Test
    void aMeasureThatComesUpLaterWidensTheFile(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("metrics.csv");
        CsvMetrics metrics = new CsvMetrics(file);
        metrics.onStart(new TrainingPlan("grpo", 4, 4, 0, 4, 100));
        metrics.onStep(measured(1, Map.of("reward", 0.5)));
        metrics.onStep(measured(2, Map.of("late", 7.0)));
        metrics.onStep(measured(3, Map.of("reward", 0.75)));
        metrics.close();
        CsvMetrics resumed = new CsvMetrics(file);
        resumed.onStart(new TrainingPlan("grpo", 4, 4, 0, 4, 100, 2));
        resumed.onStep(measured(3, Map.of("later", 8.0)));
        resumed.close();
        List<String> lines = Files.readAllLines(file);
        assertEquals(
                List.of("skipped,reward,late,later", "0,0.5,,", "0,,7.0,", "0,,,8.0"),
                lines.stream()
                        .map(line -> line.split("(?<=9000.0|tokens_per_second),")[1])
                        .toList());
    }

    private static StepMetrics measured(int step, Map<String, Double> source) {
        StepMetrics plain = Steps.step(step).build();
        return new StepMetrics(
                plain.position(),
                plain.objective(),
                plain.report(),
                plain.gradNorm(),
                plain.lr(),
                plain.tokensPerSecond(),
                plain.skipped(),
                source);
    }
}
