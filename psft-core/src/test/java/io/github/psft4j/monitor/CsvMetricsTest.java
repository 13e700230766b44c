package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.train.TrainingPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
}
