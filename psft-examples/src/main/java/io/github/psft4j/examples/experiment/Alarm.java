package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.examples.experiment.run.TrialResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A number of a run whose height may tell that the run is bad, from the metrics of its steps alone.
 *
 * @param name what is compared
 * @param signature which of the failure signatures compares it
 * @param shipped its threshold there
 * @param height of a run
 */
record Alarm(String name, String signature, double shipped, ToDoubleFunction<TrialResult> height) {

    private static final int WINDOW = 64;

    /** Those of the failure signatures that one number decides. */
    static final List<Alarm> ALL = List.of(
            new Alarm("share of passes with a higher NLL than the pass before", "rising-nll", 0.2, Alarm::rises),
            new Alarm("median grad norm of 64 steps over that of the first 64", "unstable-grad-norm", 4, Alarm::growth),
            new Alarm("mean clip fraction over 5 macro-batches", "heavy-clip", 0.3, Alarm::clipped));

    /** Shares of good runs with an alarm and of bad runs without. */
    record Rates(double falseAlarms, double misses) {}

    Rates rates(List<TrialResult> good, List<TrialResult> bad, double threshold) {
        return new Rates(share(good, threshold), 1 - share(bad, threshold));
    }

    private double share(List<TrialResult> runs, double threshold) {
        return runs.stream()
                .mapToDouble(run -> height.applyAsDouble(run) > threshold ? 1 : 0)
                .average()
                .orElse(Double.NaN);
    }

    /** The threshold with the fewest false alarms and misses together, the highest of equals. */
    double fitted(List<TrialResult> good, List<TrialResult> bad) {
        List<TrialResult> all = new ArrayList<>(good);
        all.addAll(bad);
        double[] heights = all.stream().mapToDouble(height).sorted().distinct().toArray();
        double best = heights[heights.length - 1];
        double fewest = Double.POSITIVE_INFINITY;
        for (int i = heights.length - 1; i > 0; i--) {
            double threshold = (heights[i - 1] + heights[i]) / 2;
            Rates rates = rates(good, bad, threshold);
            if (rates.falseAlarms() + rates.misses() < fewest - 1e-9) {
                fewest = rates.falseAlarms() + rates.misses();
                best = threshold;
            }
        }
        return best;
    }

    private static double growth(TrialResult run) {
        double[] norms = run.byStep("gradNorm");
        double first = median(norms, WINDOW);
        return ends(norms).mapToDouble(end -> median(norms, end) / first).max().orElse(0);
    }

    private static double clipped(TrialResult run) {
        double[] clip = run.byStep("clip");
        int window = 5 * Trial.AGE;
        return IntStream.iterate(window, end -> end <= clip.length, end -> end + Trial.AGE)
                .mapToDouble(
                        end -> Arrays.stream(clip, end - window, end).average().orElse(0))
                .max()
                .orElse(0);
    }

    private static double rises(TrialResult run) {
        double[] nll = run.byStep("nll");
        int passes = nll.length / Trial.AGE;
        double[] means = new double[passes];
        Arrays.setAll(
                means,
                p -> Arrays.stream(nll, p * Trial.AGE, (p + 1) * Trial.AGE)
                        .average()
                        .orElseThrow());
        double rises =
                IntStream.range(1, passes).filter(p -> means[p] > means[p - 1]).count();
        return rises / (passes - 1);
    }

    private static IntStream ends(double[] values) {
        return IntStream.rangeClosed(WINDOW, values.length);
    }

    /** Of the window that ends before {@code end}. */
    private static double median(double[] values, int end) {
        double[] sorted = Arrays.copyOfRange(values, end - WINDOW, end);
        Arrays.sort(sorted);
        return sorted[WINDOW / 2];
    }
}
