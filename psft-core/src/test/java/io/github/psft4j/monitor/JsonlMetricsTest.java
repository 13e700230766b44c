package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainingPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One JSON object per step with all fields, readable while the run goes on; numbers that JSON cannot hold are null. */
class JsonlMetricsTest {

    @Test
    void everyStepIsOneJsonObjectOnDiskAtOnce(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("run/metrics.jsonl");
        JsonlMetrics metrics = new JsonlMetrics(file);
        metrics.onStart(new TrainingPlan("psft", 2, 2, 0, 4, 100));
        metrics.onStep(new StepMetrics(
                new StepMetrics.Position(1, 1, 1),
                "psft",
                new LossReport(-1, 2.5, 0.5, 1, 0.25, 0.1, 0.9, 17),
                3,
                1e-4,
                1234,
                0));
        double nan = Double.NaN;
        metrics.onStep(new StepMetrics(
                new StepMetrics.Position(2, 1, 1),
                "psft",
                new LossReport(nan, nan, nan, 1, 0, 0, 0, 0),
                nan,
                1e-4,
                1000,
                1));
        List<String> lines = Files.readAllLines(file); // before close
        metrics.close();

        assertEquals(2, lines.size());
        JsonNode first = new ObjectMapper().readTree(lines.get(0));
        List<String> names = new ArrayList<>();
        first.fieldNames().forEachRemaining(names::add);
        assertEquals(
                List.of(
                        "step",
                        "macro_step",
                        "epoch",
                        "objective",
                        "loss",
                        "nll",
                        "entropy",
                        "mean_ratio",
                        "clip_fraction",
                        "approx_kl",
                        "mean_coefficient",
                        "grad_norm",
                        "lr",
                        "tokens",
                        "tokens_per_second",
                        "skipped"),
                names);
        assertEquals(2.5, first.get("nll").doubleValue());
        assertEquals(17, first.get("tokens").intValue());
        JsonNode second = new ObjectMapper().readTree(lines.get(1));
        assertTrue(second.get("loss").isNull() && second.get("grad_norm").isNull());
        assertEquals(1, second.get("skipped").intValue());
    }
}
