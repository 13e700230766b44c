package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Estimate;
import io.github.psft4j.examples.experiment.kit.Resampling;
import io.github.psft4j.examples.experiment.kit.Resampling.Statistic;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.RlResult;
import io.github.psft4j.examples.experiment.run.RlTrial;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** All runs of reinforcement learning. Two starts are compared over the seeds that both have. */
final class RlRuns {

    /** Fewest seeds of an interval. Resampled seeds scatter too little where there are few. */
    static final int LEAST = 3;

    private final ResultFiles files;
    private final Map<RlTrial, List<RlResult>> results = new HashMap<>();

    RlRuns(ResultFiles files) {
        this.files = files;
    }

    /** In the order of their seeds. */
    List<RlResult> of(RlTrial trial) throws IOException {
        List<RlResult> known = results.get(trial);
        if (known == null) {
            known = files.of(trial, RlResult.class);
            results.put(trial, known);
        }
        return known;
    }

    /** Whether there are seeds enough for an interval. */
    boolean has(RlTrial trial) throws IOException {
        return of(trial).size() >= LEAST;
    }

    /** The mean over all seeds of a trial that {@link #has} some. */
    Estimate mean(RlTrial trial, RlQuantity quantity) throws IOException {
        return mean(of(trial), quantity::of);
    }

    /** The mean of any values. */
    static Estimate mean(List<RlResult> runs, Function<RlResult, double[]> of) {
        double[][] values = values(runs, of);
        return Resampling.estimate(values.length, draw -> draw.mean(values));
    }

    /** {@code second - first}, paired by seed and problem; empty with fewer than {@link #LEAST} seeds in common. */
    Optional<Estimate> difference(RlTrial first, RlTrial second, RlQuantity quantity) throws IOException {
        List<RlResult> a = new ArrayList<>(of(first));
        List<RlResult> b = new ArrayList<>(of(second));
        List<Long> common = new ArrayList<>(a.stream().map(RlResult::seed).toList());
        common.retainAll(b.stream().map(RlResult::seed).toList());
        a.removeIf(run -> !common.contains(run.seed()));
        b.removeIf(run -> !common.contains(run.seed()));
        if (common.size() < LEAST) {
            return Optional.empty();
        }
        double[][] before = values(a, quantity::of);
        double[][] after = values(b, quantity::of);
        Statistic statistic = draw -> draw.mean(after) - draw.mean(before);
        return Optional.of(Resampling.estimate(common.size(), statistic));
    }

    private static double[][] values(List<RlResult> runs, Function<RlResult, double[]> of) {
        return runs.stream().map(of).toArray(double[][]::new);
    }
}
