package io.github.psft4j.monitor;

import io.github.psft4j.monitor.event.StepField;
import io.github.psft4j.monitor.files.LineFile;
import io.github.psft4j.monitor.files.WholeFile;
import io.github.psft4j.monitor.files.WriteFailure;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes one line of comma-separated values per optimizer step under a heading, the fields of {@link JsonlMetrics} in
 * their order. The measures of source and objective follow. One that comes up after the first step gets a column behind
 * the others, which is empty in the lines before it: the file is then written anew, all at once. Decimal points
 * whatever the locale, an empty cell for a number that is not finite, quotes as in RFC 4180.
 */
public final class CsvMetrics extends LineListener {

    private final Path file;
    private List<String> measures; // columns behind the fields; null until the heading is known
    private int written; // step of the last line, 0 for none

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
        measures = plan.resumedStep() > 0 && Files.exists(file) ? measures(heading) : null;
        written = plan.resumedStep();
        out = LineFile.of("metrics", file, line -> line.startsWith(heading) ? 0 : step(line), written);
    }

    /** The columns behind the fields in the heading of a file that is continued. */
    private List<String> measures(String fields) {
        try (Stream<String> lines = Files.lines(file)) {
            String heading = lines.findFirst().orElse("");
            boolean more = heading.startsWith(fields + ",");
            return more ? List.of(heading.substring(fields.length() + 1).split(",")) : List.of();
        } catch (IOException e) {
            throw WriteFailure.of("metrics", file, e);
        }
    }

    @Override
    public void onStep(StepMetrics metrics) {
        Map<String, Double> measured = metrics.measures();
        if (measures == null) {
            measures = List.copyOf(measured.keySet());
            out.write(heading());
        } else if (!measures.containsAll(measured.keySet())) {
            widen(measured.keySet());
        }
        Stream<String> cells = Arrays.stream(StepField.values()).map(field -> cell(field.of(metrics)));
        Stream<String> more = measures.stream().map(name -> cell(measured.getOrDefault(name, Double.NaN)));
        out.write(Stream.concat(cells, more).collect(Collectors.joining(",")));
        written = metrics.step();
    }

    private String heading() {
        Stream<String> fields = Arrays.stream(StepField.values()).map(StepField::label);
        return Stream.concat(fields, measures.stream()).collect(Collectors.joining(","));
    }

    /** Adds columns for what was not measured before. */
    private void widen(Set<String> measured) {
        List<String> added =
                measured.stream().filter(name -> !measures.contains(name)).toList();
        out.close();
        List<String> lines;
        try (Stream<String> all = Files.lines(file)) {
            lines = all.skip(1).toList();
        } catch (IOException e) {
            throw WriteFailure.of("metrics", file, e);
        }
        measures = Stream.concat(measures.stream(), added.stream()).toList();
        String wider = Stream.concat(Stream.of(heading()), lines.stream().map(line -> line + ",".repeat(added.size())))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
        WholeFile.write("metrics", file, wider);
        String heading = heading();
        out = LineFile.continued("metrics", file, line -> line.equals(heading) ? 0 : step(line), written);
    }

    /** Step of a line; a large number for an incomplete one, which an aborted run leaves. */
    private long step(String line) {
        String[] cells = line.split(",", -1);
        int last = StepField.values().length - 1; // a measure may be empty, the last field is not
        boolean whole = cells.length > last + measures.size() && !cells[last].isEmpty();
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
}
