package io.github.psft4j.examples.report;

import io.github.psft4j.eval.stats.Interval;
import io.github.psft4j.eval.stats.Mean;
import io.github.psft4j.examples.report.AfterRun.Point;
import io.github.psft4j.io.Shown;
import io.github.psft4j.monitor.report.Chart;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Curves and table of runs on top of checkpoints: means over seeds with intervals of 95 % (Student's t). */
public final class AfterReport {

    private static final double CONFIDENCE = 0.95;

    /** Starts in the order of their colours. */
    private static final List<String> STARTS = List.of("psft", "sft", "base");

    private final List<AfterRun> runs;

    /** @param runs of any methods, starts and seeds; each has as many points as the others of its method */
    public AfterReport(List<AfterRun> runs) {
        this.runs = List.copyOf(runs);
    }

    /** Accuracy on unseen additions, one chart for each method. */
    public List<Chart> charts() {
        return methods().stream()
                .map(method -> new Chart(
                        "after-" + method,
                        method.toUpperCase(Locale.ROOT) + ": accuracy on unseen additions",
                        "share solved",
                        Chart.Scale.FITTED,
                        STARTS.stream()
                                .map(start -> of(method, start))
                                .filter(same -> !same.isEmpty())
                                .map(AfterReport::line)
                                .toList()))
                .toList();
    }

    private static Chart.Line line(List<AfterRun> same) {
        int points = same.get(0).points().size();
        double[] steps = new double[points];
        double[] values = new double[points];
        double[] errors = new double[points];
        for (int p = 0; p < points; p++) {
            int index = p;
            steps[p] = mean(same, run -> run.points().get(index).step()).value();
            Mean additions = mean(same, run -> run.points().get(index).additions());
            values[p] = additions.value();
            errors[p] = half(additions);
        }
        String start = same.get(0).start();
        return new Chart.Line("from " + start, STARTS.indexOf(start), false, steps, values, errors);
    }

    /** A Markdown table: where each method came from and got to. */
    public String table() {
        StringBuilder table = new StringBuilder("| method | from | seeds | additions before | additions after | gain"
                + " | other skills before | after |\n|---|---|---|---|---|---|---|---|\n");
        for (String method : methods()) {
            for (String start : STARTS) {
                List<AfterRun> same = of(method, start);
                if (!same.isEmpty()) {
                    table.append(Shown.format(
                            "| %s | %s | %d | %s | %s | %s | %s | %s |%n",
                            method,
                            start,
                            same.size(),
                            shown(same, run -> first(run).additions()),
                            shown(same, run -> run.last().additions()),
                            shown(
                                    same,
                                    run -> run.last().additions() - first(run).additions()),
                            shown(same, run -> first(run).otherSkills()),
                            shown(same, run -> run.last().otherSkills())));
                }
            }
        }
        return table.toString();
    }

    private static Point first(AfterRun run) {
        return run.points().get(0);
    }

    private List<String> methods() {
        return runs.stream().map(AfterRun::method).distinct().sorted().toList();
    }

    private List<AfterRun> of(String method, String start) {
        List<AfterRun> same = new ArrayList<>(runs);
        same.removeIf(run -> !run.method().equals(method) || !run.start().equals(start));
        return same;
    }

    private static Mean mean(List<AfterRun> same, ToDoubleFunction<AfterRun> value) {
        return Mean.of(same.stream().mapToDouble(value).toArray());
    }

    /** Half the width of the interval; 0 for a single seed, which has none. */
    private static double half(Mean mean) {
        Interval interval = mean.interval(CONFIDENCE);
        return mean.units() < 2 ? 0 : (interval.high() - interval.low()) / 2;
    }

    private static String shown(List<AfterRun> same, ToDoubleFunction<AfterRun> value) {
        Mean mean = mean(same, value);
        return Shown.format("%.1f", 100 * mean.value())
                + (mean.units() < 2 ? " %" : Shown.format(" +- %.1f %%", 100 * half(mean)));
    }
}
