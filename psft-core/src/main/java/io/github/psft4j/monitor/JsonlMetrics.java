package io.github.psft4j.monitor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.monitor.event.StepField;
import io.github.psft4j.monitor.files.LineFile;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainingPlan;
import java.nio.file.Path;

/**
 * Writes one JSON object per optimizer step to a file, flushed after each line so that a run can be watched. The
 * measures of source and objective stand behind the common fields. A number that is not finite is written as null,
 * which JSON can hold.
 */
public final class JsonlMetrics extends LineListener {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    /**
     * @param file created, or overwritten, when the run starts, and continued when it is resumed; its directory is
     *     created
     */
    public JsonlMetrics(Path file) {
        this.file = file;
    }

    @Override
    public void onStart(TrainingPlan plan) {
        out = LineFile.of("metrics", file, LineFile::stepOfJson, plan.resumedStep());
    }

    @Override
    public void onStep(StepMetrics metrics) {
        ObjectNode line = JSON.createObjectNode();
        for (StepField field : StepField.values()) {
            put(line, field.label(), field.of(metrics));
        }
        metrics.measures().forEach((name, value) -> put(line, name, value));
        out.write(line.toString());
    }

    private static void put(ObjectNode line, String name, Object value) {
        if (value instanceof Double number && !Double.isFinite(number)) {
            line.putNull(name);
        } else {
            line.set(name, JSON.valueToTree(value));
        }
    }
}
