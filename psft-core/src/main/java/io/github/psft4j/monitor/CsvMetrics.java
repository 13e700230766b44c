package io.github.psft4j.monitor;

import io.github.psft4j.monitor.event.StepField;
import io.github.psft4j.monitor.files.LineFile;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Writes one line of comma-separated values per optimizer step under a heading, the fields of {@link JsonlMetrics} in
 * their order. Decimal points whatever the locale, an empty cell for a number that is not finite, quotes as in RFC
 * 4180.
 */
public final class CsvMetrics implements TrainerListener {

    private final Path file;
    private LineFile out;

    /**
     * @param file created, or overwritten, when the run starts, and continued when it is resumed; its directory is
     *     created
     */
    public CsvMetrics(Path file) {
        this.file = file;
    }

    @Override
    public void onStart(TrainingPlan plan) {
        String heading = Arrays.stream(StepField.values()).map(StepField::label).collect(Collectors.joining(","));
        boolean continued = plan.resumedStep() > 0 && Files.exists(file);
        out = LineFile.of("metrics", file, line -> line.equals(heading) ? 0 : step(line), plan.resumedStep());
        if (!continued) {
            out.write(heading);
        }
    }

    @Override
    public void onStep(StepMetrics metrics) {
        out.write(Arrays.stream(StepField.values())
                .map(field -> cell(field.of(metrics)))
                .collect(Collectors.joining(",")));
    }

    /** Step of a line; a large number for an incomplete one, which an aborted run leaves. */
    private static long step(String line) {
        String[] cells = line.split(",", -1);
        boolean whole = cells.length >= StepField.values().length && !cells[cells.length - 1].isEmpty();
        return whole ? Long.parseLong(cells[0]) : Long.MAX_VALUE;
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
