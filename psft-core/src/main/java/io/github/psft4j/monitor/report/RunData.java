package io.github.psft4j.monitor.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.monitor.files.RunDirectory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;

/**
 * What a run has written so far, read back from its directory.
 *
 * @param directory where it was read from
 * @param steps lines of {@code metrics.jsonl}
 * @param evaluations lines of {@code eval.jsonl}, empty if the run has none
 * @param tasks lines of {@code tasks.jsonl}, empty if the run has none
 * @param warnings lines of {@code warnings.jsonl}, empty if the run has none
 * @param clippedTokens {@code clipped-tokens.json}, null if the run has none
 */
record RunData(
        Path directory,
        List<JsonNode> steps,
        List<JsonNode> evaluations,
        List<JsonNode> tasks,
        List<JsonNode> warnings,
        JsonNode clippedTokens) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Reads a run that has ended or goes on.
     *
     * @throws IllegalArgumentException if the directory is not that of a run, or naming the damaged file and line
     */
    static RunData read(Path directory) {
        RunDirectory files = new RunDirectory(directory);
        if (!Files.isRegularFile(files.metrics())) {
            throw new IllegalArgumentException(directory.toAbsolutePath()
                    + " has no metrics.jsonl; give the directory of a run that was recorded with JsonlMetrics");
        }
        return new RunData(
                directory,
                lines(files.metrics()),
                lines(files.evaluations()),
                lines(files.tasks()),
                lines(files.warnings()),
                document(files.clippedTokens()));
    }

    private static List<JsonNode> lines(Path file) {
        if (!Files.exists(file)) {
            return List.of();
        }
        String text = text(file);
        String[] lines = text.split("\n");
        List<JsonNode> out = new ArrayList<>(lines.length);
        for (int i = 0; i < lines.length; i++) {
            boolean unfinished = i == lines.length - 1 && !text.endsWith("\n");
            if (lines[i].isBlank() || unfinished) {
                continue; // a run that goes on may be in the middle of its last line
            }
            out.add(parse(lines[i], file + ", line " + (i + 1)));
        }
        return out;
    }

    /** A file that is one JSON object; null if there is none. */
    static JsonNode document(Path file) {
        return Files.exists(file) ? parse(text(file), file.toString()) : null;
    }

    private static JsonNode parse(String text, String where) {
        try {
            JsonNode node = JSON.readTree(text);
            if (!node.isObject()) {
                throw new IllegalArgumentException(where + ": expected a JSON object; the file is damaged");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    where + ": not JSON (" + JsonFault.reason(e) + "); the file is damaged", e);
        }
    }

    private static String text(Path file) {
        String failure = "cannot read " + file.toAbsolutePath();
        // It may end within a character.
        return FileCall.get(failure, () -> new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    }

    /** Numbers that rows have besides the known fields, in their order. */
    static Set<String> others(List<List<JsonNode>> runs, Set<String> known) {
        Set<String> others = new LinkedHashSet<>();
        runs.stream()
                .flatMap(List::stream)
                .forEach(row -> row.fields().forEachRemaining(field -> {
                    if (field.getValue().isNumber() && !known.contains(field.getKey())) {
                        others.add(field.getKey());
                    }
                }));
        return others;
    }

    /** Values of a field over the rows; NaN where it is missing or null. */
    static double[] column(List<JsonNode> rows, String field) {
        return rows.stream()
                .mapToDouble(row -> row.path(field).asDouble(Double.NaN))
                .toArray();
    }

    /** Values of a field over the rows that are finite. */
    static DoubleStream finite(List<JsonNode> rows, String field) {
        return Arrays.stream(column(rows, field)).filter(Double::isFinite);
    }

    /** Finite values of a step field over the last tenth of the steps, averaged; NaN if there are none. */
    double finalMean(String field) {
        int tail = Math.min(steps.size(), Math.max(1, steps.size() / 10));
        return finite(steps.subList(steps.size() - tail, steps.size()), field)
                .average()
                .orElse(Double.NaN);
    }
}
