package io.github.psft4j.monitor.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.monitor.JsonlMetrics;
import io.github.psft4j.monitor.Steps;
import io.github.psft4j.train.TrainingPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Run directories with made-up numbers. */
final class RecordedRuns {

    private RecordedRuns() {}

    static double nll(int step) {
        return 2.0 / (1 + step / 20.0);
    }

    static void write(Path dir, String objective, int steps) {
        JsonlMetrics metrics = new JsonlMetrics(dir.resolve("metrics.jsonl"));
        metrics.onStart(new TrainingPlan(objective, steps, steps, 0, 8, 1));
        for (int step = 1; step <= steps; step++) {
            metrics.onStep(Steps.step(step)
                    .objective(objective)
                    .nll(nll(step))
                    .norm(step == 3 ? Double.NaN : 1 + step % 7)
                    .clip(step % 8 * 0.01)
                    .build());
        }
        metrics.close();
    }

    static void clippedToken(Path dir, String text) {
        ObjectMapper json = new ObjectMapper();
        ObjectNode report = json.createObjectNode().put("trained", 100).put("clipped", 7);
        report.putArray("tokens")
                .addObject()
                .put("text", text)
                .put("clipped", 7)
                .put("trained", 10)
                .put("mean_ratio", 1.5)
                .put("max_ratio", 2.5);
        try {
            Files.writeString(dir.resolve("clipped-tokens.json"), report.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
