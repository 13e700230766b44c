package io.github.psft4j.cli.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.github.psft4j.data.DataReport;
import io.github.psft4j.data.LengthHistogram;
import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Counts of a {@link DataReport} for people and for programs. */
public final class DataSummary {

    private static final ObjectMapper JSON =
            new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

    private static final int BAR = 40;

    private DataSummary() {}

    /** Counts, lengths as a histogram, and what was dropped and why. */
    static String text(DataReport report) {
        StringBuilder out = new StringBuilder(counts(report)).append('\n');
        LengthHistogram lengths = report.lengths();
        if (report.kept() > 0) {
            out.append(Shown.format(
                    "tokens per demonstration: min %d, median %d, 90 %% %d, 99 %% %d, max %d%n",
                    lengths.min(), lengths.p50(), lengths.p90(), lengths.p99(), lengths.max()));
            long most = Arrays.stream(lengths.counts()).max().orElse(1);
            for (int i = (lengths.min() - 1) / lengths.bucketWidth(); i < lengths.counts().length; i++) {
                long n = lengths.counts()[i];
                String bar = "#".repeat((int) Math.round((double) n * BAR / most));
                int from = i * lengths.bucketWidth();
                out.append(Shown.format("%7d - %-7d %8d %s%n", from + 1, from + lengths.bucketWidth(), n, bar));
            }
        }
        out.append("files: ").append(Shown.few(files(report))).append('\n');
        dropped(report).forEach(line -> out.append(line).append('\n'));
        notes(report).forEach(line -> out.append(line).append('\n'));
        return out.toString().stripTrailing();
    }

    /** One line: rows, demonstrations, tokens. */
    public static String counts(DataReport report) {
        return Shown.format(
                "%,d rows of %s, %,d %s, %,d dropped, %,d truncated; %,d tokens, %,d trained",
                report.rows(),
                report.layout() == null ? "no layout" : report.layout().name().toLowerCase(Locale.ROOT),
                report.kept(),
                report.sequences() == 2 ? "pairs" : "demonstrations",
                report.droppedRows(),
                report.truncated(),
                report.tokens(),
                report.trainedTokens());
    }

    /** The files that were read, with the demonstrations of each. */
    public static List<String> files(DataReport report) {
        List<String> files = new ArrayList<>();
        for (int i = 0; i < report.files().size(); i++) {
            files.add(Shown.format(
                    "%s (%,d)", report.files().get(i), report.keptByFile().get(i)));
        }
        return files;
    }

    /** A line per reason for which rows were dropped, and the first such rows. */
    public static List<String> dropped(DataReport report) {
        List<String> lines = new ArrayList<>();
        report.dropped().forEach((reason, n) -> {
            if (n > 0) {
                lines.add(Shown.format("dropped %,d: %s", n, reason.words()));
            }
        });
        lines.sort(null);
        report.firstDropped().forEach(line -> lines.add("  " + line));
        return lines;
    }

    /** A line per note. */
    static List<String> notes(DataReport report) {
        return report.notes().stream().map(note -> "note: " + note).toList();
    }

    /** The summary for JSON. */
    static Map<String, Object> values(DataReport report) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("files", report.files());
        out.put("demonstrations_by_file", report.keptByFile());
        out.put(
                "layout",
                report.layout() == null ? null : report.layout().name().toLowerCase(Locale.ROOT));
        out.put("rows", report.rows());
        out.put("demonstrations", report.kept());
        out.put("truncated", report.truncated());
        Map<String, Long> dropped = new TreeMap<>();
        report.dropped().forEach((reason, n) -> dropped.put(reason.name().toLowerCase(Locale.ROOT), n));
        out.put("dropped", dropped);
        out.put("first_dropped", report.firstDropped());
        out.put("notes", report.notes());
        out.put("tokens", report.tokens());
        out.put("trained_tokens", report.trainedTokens());
        out.put("lengths", JSON.convertValue(report.lengths(), Map.class));
        return out;
    }
}
