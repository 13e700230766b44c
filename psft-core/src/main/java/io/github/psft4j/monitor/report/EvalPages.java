package io.github.psft4j.monitor.report;

import io.github.psft4j.eval.run.Item;
import io.github.psft4j.eval.run.ItemFile;
import io.github.psft4j.eval.run.Metric;
import io.github.psft4j.eval.run.TaskComparison;
import io.github.psft4j.eval.run.TaskResult;
import io.github.psft4j.io.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Evaluations as HTML pages that need nothing else: figures, what they depend on, every item with filters. */
public final class EvalPages {

    private static final String NAME = "report.html";

    private EvalPages() {}

    /** Writes {@code report.html} of a finished evaluation into its directory. */
    public static void write(Path dir) {
        TaskResult result = TaskResult.read(dir);
        ReportPage page = new ReportPage(
                "Evaluation: " + result.task(), "Items, figures and all that they depend on.", List.of(), 0);
        figures(page, List.of(result));
        page.heading("Counts").pairs(texts(result.counts()));
        page.heading("What the figures depend on").pairs(texts(result.told()));
        page.heading("Items");
        StringBuilder html = new StringBuilder("<div id=\"filters\" class=\"filters\"></div>\n");
        for (Item item : ItemFile.read(dir)) {
            html.append(ItemHtml.of(item));
        }
        page.part(html.toString(), "eval.css", "eval.js").write(dir.resolve(NAME));
    }

    /** Writes the page of a comparison, with the completions of both side by side. */
    public static void write(TaskComparison c, Path first, Path second, Path html) {
        ReportPage page = new ReportPage(
                "Comparison of two evaluations", first + " (first) and " + second + " (second).", List.of(), 0);
        Metric d = c.difference();
        Map<String, String> figures = new LinkedHashMap<>();
        figures.put(c.metric() + ", first", number(c.first()));
        figures.put(c.metric() + ", second", number(c.second()));
        figures.put(
                "difference, 95 % interval",
                number(d.value()) + " [" + number(d.low()) + ", " + number(d.high()) + "]");
        figures.put(
                "p, two-sided permutation test",
                Shown.format("%.4g", c.paired().p()) + (c.paired().exact() ? " (exact)" : ""));
        figures.put(
                "second is better on",
                c.paired().won().size() + " of " + c.pairs().size() + " questions");
        figures.put("second is worse on", String.valueOf(c.paired().lost().size()));
        figures.put("questions that one did not measure", String.valueOf(c.leftOut()));
        page.heading("Figures").pairs(figures);
        page.heading("What differs between the two")
                .texts(List.of("", "first", "second"), differences(TaskResult.read(first), TaskResult.read(second)));
        page.heading("Items");
        StringBuilder body = new StringBuilder("<div id=\"filters\" class=\"filters\"></div>\n");
        for (int i = 0; i < c.pairs().size(); i++) {
            String tag =
                    c.paired().won().contains(i) ? "won" : c.paired().lost().contains(i) ? "lost" : "equal";
            body.append(ItemHtml.of(c.pairs().get(i), tag));
        }
        page.part(body.toString(), "eval.css", "eval.js").write(html);
    }

    private static void figures(ReportPage page, List<TaskResult> results) {
        List<List<String>> rows = new ArrayList<>();
        for (TaskResult result : results) {
            result.metrics()
                    .forEach((name, m) -> rows.add(List.of(
                            name,
                            number(m.value()),
                            number(m.standardError()),
                            number(m.low()) + " to " + number(m.high()),
                            String.valueOf(m.questions()))));
        }
        page.heading("Figures")
                .numbers(List.of("metric", "value", "standard error", "95 % interval", "questions"), rows);
    }

    private static List<List<String>> differences(TaskResult first, TaskResult second) {
        Map<String, String> all = new LinkedHashMap<>(first.told());
        all.putAll(second.told());
        return all.keySet().stream()
                .filter(name -> !first.told()
                        .getOrDefault(name, "")
                        .equals(second.told().getOrDefault(name, "")))
                .map(name -> List.of(
                        name, first.told().getOrDefault(name, ""), second.told().getOrDefault(name, "")))
                .toList();
    }

    private static Map<String, String> texts(Map<String, ?> values) {
        Map<String, String> out = new LinkedHashMap<>();
        values.forEach((name, value) -> out.put(name.replace('_', ' '), String.valueOf(value)));
        return out;
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "unknown" : Shown.format(Math.abs(value) < 1000 ? "%.4f" : "%.6g", value);
    }
}
