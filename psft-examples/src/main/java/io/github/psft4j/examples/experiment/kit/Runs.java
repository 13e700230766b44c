package io.github.psft4j.examples.experiment.kit;

import io.github.psft4j.examples.experiment.kit.Resampling.Draw;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.examples.experiment.run.TrialResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All runs of an experiment, over the seeds that every one of its trials has. */
public final class Runs {

    private final Map<Trial, List<TrialResult>> results = new LinkedHashMap<>();
    private final Map<String, double[][]> values = new HashMap<>();
    private final List<Long> seeds;

    /** @throws IllegalArgumentException if the trials have fewer than two seeds in common */
    public Runs(ResultFiles files, List<Trial> trials) throws IOException {
        List<Long> common = null;
        for (Trial trial : trials) {
            List<TrialResult> runs = files.of(trial);
            results.put(trial, runs);
            List<Long> own = runs.stream().map(TrialResult::seed).toList();
            common = common == null ? new ArrayList<>(own) : common;
            common.retainAll(own);
            if (common.size() < 2) {
                throw new IllegalArgumentException("fewer than 2 seeds are common to all trials up to " + trial.id()
                        + ", which has the seeds " + own + ": run the experiment until it ends");
            }
        }
        List<Long> shared = List.copyOf(common);
        results.replaceAll((trial, runs) ->
                runs.stream().filter(run -> shared.contains(run.seed())).toList());
        seeds = shared;
    }

    /** Seeds that every trial was run with. */
    public int seeds() {
        return seeds.size();
    }

    /** The runs of a trial in the order of their seeds. */
    public List<TrialResult> of(Trial trial) {
        return results.get(trial);
    }

    /** The mean of a quantity after the last step. */
    public Estimate mean(Trial trial, Quantity quantity) {
        return Resampling.estimate(seeds(), draw -> mean(draw, trial, quantity));
    }

    /** {@code second - first}, paired by seed and problem. */
    public Estimate difference(Trial first, Trial second, Quantity quantity) {
        return Resampling.estimate(seeds(), draw -> mean(draw, second, quantity) - mean(draw, first, quantity));
    }

    /**
     * 1 if a trial leaves more of the trained skill or of the others than {@code plain} and less of neither, -1 for the
     * opposite, else 0.
     */
    public int compared(Trial plain, Trial trial) {
        Estimate task = difference(plain, trial, Quantity.ADDITIONS);
        Estimate others = difference(plain, trial, Quantity.OTHERS);
        boolean more = task.isPositive() || others.isPositive();
        boolean less = task.isNegative() || others.isNegative();
        return more == less ? 0 : more ? 1 : -1;
    }

    /** The difference between the trials with the lowest NLL of each list, chosen anew in every resample. */
    public Estimate differenceOfBest(List<Trial> first, List<Trial> second, Quantity quantity) {
        return Resampling.estimate(
                seeds(), draw -> mean(draw, best(draw, second), quantity) - mean(draw, best(draw, first), quantity));
    }

    /** The trial with the lowest held-out NLL. */
    public Trial best(List<Trial> trials) {
        return best(Resampling.all(seeds()), trials);
    }

    private Trial best(Draw draw, List<Trial> trials) {
        Trial best = trials.get(0);
        for (Trial trial : trials) {
            if (mean(draw, trial, Quantity.NLL) < mean(draw, best, Quantity.NLL)) {
                best = trial;
            }
        }
        return best;
    }

    private double mean(Draw draw, Trial trial, Quantity quantity) {
        return draw.mean(values.computeIfAbsent(
                trial.id() + " " + quantity,
                key -> of(trial).stream().map(quantity::of).toArray(double[][]::new)));
    }

    /**
     * {@code second - first} where both have the same held-out NLL: the lowest that both reach, seed by seed. A run is
     * read where it first has that NLL.
     */
    public Estimate differenceAtEqualNll(Trial first, Trial second, EqualNll.Reading reading) {
        double[][] a = new double[seeds()][];
        double[][] b = new double[seeds()][];
        for (int s = 0; s < seeds(); s++) {
            TrialResult one = of(first).get(s);
            TrialResult other = of(second).get(s);
            double level = Math.max(EqualNll.lowest(one), EqualNll.lowest(other));
            a[s] = EqualNll.at(one, level, reading);
            b[s] = EqualNll.at(other, level, reading);
        }
        return Resampling.estimate(seeds(), draw -> draw.mean(b) - draw.mean(a));
    }
}
