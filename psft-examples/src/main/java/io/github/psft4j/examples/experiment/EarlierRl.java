package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Quantity;
import io.github.psft4j.examples.experiment.kit.Resampling;
import io.github.psft4j.examples.experiment.kit.Verdict;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.report.AfterRun;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The runs of AfterFineTuning: DPO from all starts, and longer runs of GRPO and RLOO from the base model. */
final class EarlierRl {

    static final List<String> HEADING =
            List.of("method", "from", "seeds", "unseen additions", "other skills", "updates to 90 %");

    private static final double GOAL = 0.9;

    private final List<AfterRun> runs;

    EarlierRl(ResultFiles files) throws IOException {
        runs = files.afterFineTuning();
    }

    /** Adds DPO's PSFT - other, if both have two seeds in common. */
    void when(Verdict verdict, String other, ToDoubleFunction<AfterRun> value) {
        List<AfterRun> psft = new ArrayList<>(of("dpo", "psft"));
        List<AfterRun> against = new ArrayList<>(of("dpo", other));
        psft.removeIf(run -> against.stream().noneMatch(o -> o.seed() == run.seed()));
        against.removeIf(run -> psft.stream().noneMatch(o -> o.seed() == run.seed()));
        if (psft.size() > 1) {
            double[][] a = values(psft, value);
            double[][] b = values(against, value);
            verdict.when("with DPO", Resampling.estimate(a.length, draw -> draw.mean(a) - draw.mean(b)));
        }
    }

    private static double[][] values(List<AfterRun> runs, ToDoubleFunction<AfterRun> value) {
        return runs.stream().map(run -> new double[] {value.applyAsDouble(run)}).toArray(double[][]::new);
    }

    private List<AfterRun> of(String method, String start) {
        return runs.stream()
                .filter(run -> run.method().equals(method) && run.start().equals(start))
                .sorted(Comparator.comparingLong(AfterRun::seed))
                .toList();
    }

    /** One for each method and start that was run. */
    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (String method : List.of("grpo", "rloo", "dpo")) {
            for (String start : List.of("base", "sft", "psft")) {
                List<AfterRun> same = of(method, start);
                if (!same.isEmpty()) {
                    rows.add(List.of(
                            method.toUpperCase(Locale.ROOT),
                            start,
                            String.valueOf(same.size()),
                            shown(same, run -> run.last().additions()),
                            shown(same, run -> run.last().otherSkills()),
                            toGoal(same)));
                }
            }
        }
        return rows;
    }

    private static String shown(List<AfterRun> same, ToDoubleFunction<AfterRun> value) {
        double[][] values = values(same, value);
        return same.size() < 2
                ? Shown.format("%.1f %%", 100 * values[0][0])
                : Quantity.ADDITIONS.shown(Resampling.estimate(values.length, draw -> draw.mean(values)));
    }

    /** The first evaluation at the goal, seed by seed. */
    private static String toGoal(List<AfterRun> same) {
        List<String> steps = new ArrayList<>();
        for (AfterRun run : same) {
            steps.add(run.points().stream()
                    .filter(point -> point.additions() >= GOAL)
                    .findFirst()
                    .map(point -> String.valueOf(point.step()))
                    .orElse("-"));
        }
        return String.join(", ", steps);
    }
}
