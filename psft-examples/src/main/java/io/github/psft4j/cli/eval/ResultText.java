package io.github.psft4j.cli.eval;

import io.github.psft4j.eval.run.Metric;
import io.github.psft4j.eval.run.TaskResult;
import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Results as a table for a terminal, with all that they depend on below. */
final class ResultText {

    private ResultText() {}

    static String of(List<TaskResult> results) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("task", "metric", "value", "std. error", "95 % interval", "questions"));
        for (TaskResult result : results) {
            result.metrics().forEach((name, metric) -> rows.add(row(result.task(), name, metric)));
            if (result.metrics().isEmpty()) {
                rows.add(List.of(result.task(), "nothing measured", "", "", "", ""));
            }
        }
        StringBuilder out = new StringBuilder(table(rows));
        for (TaskResult result : results) {
            out.append("\n\n").append(result.task()).append(": ").append(named(result.counts()));
            out.append("\n  ").append(named(result.told()));
        }
        return out.toString();
    }

    private static List<String> row(String task, String name, Metric m) {
        return List.of(
                task,
                name,
                number(m.value()),
                number(m.standardError()),
                Double.isNaN(m.low()) ? "" : "[" + number(m.low()) + ", " + number(m.high()) + "]",
                String.valueOf(m.questions()));
    }

    /** Four decimals; NaN, such as the standard error of one question, is empty. */
    static String number(double value) {
        return Double.isNaN(value) ? "" : Shown.format(Math.abs(value) < 1000 ? "%.4f" : "%.6g", value);
    }

    /** A table with columns as wide as they must be, all but the first two flush right. */
    static String table(List<List<String>> rows) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int c = 0; c < columns; c++) {
                widths[c] = Math.max(widths[c], row.get(c).length());
            }
        }
        return rows.stream()
                .map(row -> {
                    StringBuilder line = new StringBuilder();
                    for (int c = 0; c < columns; c++) {
                        String gap = " ".repeat(widths[c] - row.get(c).length());
                        line.append(c == 0 ? "" : "  ").append(c < 2 ? row.get(c) + gap : gap + row.get(c));
                    }
                    return line.toString().stripTrailing();
                })
                .collect(Collectors.joining("\n"));
    }

    private static String named(Map<String, ?> values) {
        return values.entrySet().stream()
                .map(e -> e.getKey().replace('_', ' ') + " " + shortened(String.valueOf(e.getValue())))
                .collect(Collectors.joining(", "));
    }

    /** Of a SHA-256 the first twelve digits; result.json has all. */
    private static String shortened(String value) {
        return value.matches("[0-9a-f]{64}") ? value.substring(0, 12) : Shown.oneLine(value);
    }
}
