package io.github.psft4j.monitor;

import io.github.psft4j.monitor.files.LineFile;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Writes one line of comma-separated values per optimizer step under a heading, the fields of {@link JsonlMetrics} in
 * their order. Decimal points whatever the locale, an empty cell for a number that is not finite, quotes as in RFC 4180.
 */
public final class CsvMetrics implements TrainerListener {

    private final Path file;
    private LineFile out;

    /**
     * @param file created, or overwritten, when the run starts; its directory is created
     */
    public CsvMetrics(Path file) {
        this.file = file;
    }

    @Override
    public void onStart(TrainingPlan plan) {
        out = new LineFile("metrics", file);
        out.write(Arrays.stream(StepField.values()).map(StepField::label).collect(Collectors.joining(",")));
    }

    @Override
    public void onStep(StepMetrics metrics) {
        out.write(Arrays.stream(StepField.values())
                .map(field -> cell(field.of(metrics)))
                .collect(Collectors.joining(",")));
    }

    private static String cell(Object value) {
        if (value instanceof Double number && !Double.isFinite(number)) {
            return "";
        }
        String text = value.toString();
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    @Override
    public void close() {
        if (out != null) {
            out.close();
        }
    }
}
