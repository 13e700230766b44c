package io.github.psft4j.cli.eval;

import io.github.psft4j.cli.console.Json;
import io.github.psft4j.eval.run.Metric;
import io.github.psft4j.eval.run.TaskComparison;
import io.github.psft4j.io.Directories;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Shown;
import io.github.psft4j.monitor.report.EvalPages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Compares two evaluations. */
final class CompareRun {

    private static final int LISTED = 40;

    private CompareRun() {}

    /** The text to print; html may be null. */
    static String run(Path first, Path second, Path html, boolean json) {
        if (html != null) {
            requireFile(html);
        }
        TaskComparison comparison = TaskComparison.of(first, second);
        if (html != null) {
            EvalPages.write(comparison, first, second, html);
        }
        return json ? Json.text(values(comparison, first, second)) : text(comparison, first, second);
    }

    private static void requireFile(Path html) {
        if (Files.isDirectory(html)) {
            throw new RefusedException("--out " + html + " is a directory; with --compare give a file, such as "
                    + html.resolve("comparison.html"));
        }
        Directories.requirePlace("--out", html.toAbsolutePath().getParent());
    }

    private static String text(TaskComparison c, Path first, Path second) {
        Metric d = c.difference();
        StringBuilder out = new StringBuilder(ResultText.table(List.of(
                List.of("", "", c.metric()),
                List.of("first", first.toString(), ResultText.number(c.first())),
                List.of("second", second.toString(), ResultText.number(c.second())))));
        out.append(Shown.format(
                "%n%ndifference %s, std. error %s, 95 %% interval [%s, %s], %d questions%s",
                signed(d.value()),
                ResultText.number(d.standardError()),
                signed(d.low()),
                signed(d.high()),
                d.questions(),
                c.lowerIsBetter() ? "; lower is better" : ""));
        out.append(Shown.format(
                "%np = %.4g (two-sided sign-flip permutation test, %s)",
                c.paired().p(), c.paired().exact() ? "exact" : "100,000 random permutations"));
        out.append(listed("\nsecond is better", c.paired().won(), c));
        out.append(listed("\nsecond is worse", c.paired().lost(), c));
        if (c.leftOut() > 0) {
            out.append("\n").append(c.leftOut()).append(" questions were not measured by both and are left out");
        }
        return out.toString();
    }

    private static String signed(double value) {
        return Double.isNaN(value) ? "unknown" : Shown.format("%+.4f", value);
    }

    private static String listed(String what, List<Integer> indices, TaskComparison c) {
        List<String> ids = ids(indices, c);
        String shown = ids.stream().limit(LISTED).collect(Collectors.joining(", "));
        return what + " on " + ids.size() + " questions" + (ids.isEmpty() ? "" : ": " + shown)
                + (ids.size() > LISTED ? ", ... (--json lists all)" : "");
    }

    private static List<String> ids(List<Integer> indices, TaskComparison c) {
        return indices.stream().map(i -> c.pairs().get(i).first().id()).toList();
    }

    private static Map<String, Object> values(TaskComparison c, Path first, Path second) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("metric", c.metric());
        out.put("first", Map.of("directory", first.toString(), "value", c.first()));
        out.put("second", Map.of("directory", second.toString(), "value", c.second()));
        out.put("difference", c.difference());
        out.put("lower_is_better", c.lowerIsBetter());
        out.put("p", c.paired().p());
        out.put("p_exact", c.paired().exact());
        out.put("won", ids(c.paired().won(), c));
        out.put("lost", ids(c.paired().lost(), c));
        out.put("left_out", c.leftOut());
        return out;
    }
}
