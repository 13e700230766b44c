package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Estimate;
import io.github.psft4j.examples.experiment.run.RlResult;
import io.github.psft4j.examples.experiment.run.RlTrial;
import io.github.psft4j.monitor.report.Chart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Reward and entropy on the way, from every start. */
final class RlCharts {

    /** Rollouts that a point is the mean of. */
    static final int BLOCK = 4;

    private static final double UNIT = 1e-4;

    private RlCharts() {}

    static List<Chart> of(String study, List<String> objectives, List<RlStart> starts, RlRuns runs) throws IOException {
        List<Chart> charts = new ArrayList<>();
        for (String objective : objectives) {
            List<Chart.Line> rewards = new ArrayList<>();
            List<Chart.Line> entropies = new ArrayList<>();
            for (RlStart start : starts) {
                RlTrial trial = start.with(objective);
                if (runs.has(trial)) {
                    rewards.add(line(start, starts, runs.of(trial), RlResult::rewards));
                    entropies.add(line(start, starts, runs.of(trial), RlResult::entropies));
                }
            }
            if (!rewards.isEmpty()) {
                String upper = objective.toUpperCase(Locale.ROOT);
                String id = study + "-" + objective;
                charts.add(new Chart(id + "-reward", upper + ": reward", "mean reward", Chart.Scale.FITTED, rewards));
                charts.add(new Chart(
                        id + "-entropy",
                        upper + ": entropy along the samples",
                        "nats/token",
                        Chart.Scale.LOGARITHMIC,
                        entropies));
            }
        }
        return charts;
    }

    private static Chart.Line line(
            RlStart start, List<RlStart> starts, List<RlResult> runs, Function<RlResult, int[]> curve) {
        int points = RlTrial.ROLLOUTS / BLOCK;
        double[] steps = new double[points];
        double[] values = new double[points];
        double[] errors = new double[points];
        for (int p = 0; p < points; p++) {
            int from = p * BLOCK;
            Estimate e = RlRuns.mean(runs, run -> new double[] {
                UNIT
                        * Arrays.stream(curve.apply(run), from, from + BLOCK)
                                .average()
                                .orElseThrow()
            });
            steps[p] = (from + BLOCK) * RlTrial.UPDATES;
            values[p] = e.value();
            errors[p] = e.half();
        }
        return new Chart.Line(start.shortly(), starts.indexOf(start), start.nll() > 0, steps, values, errors);
    }
}
