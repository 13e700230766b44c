package io.github.psft4j.examples.report;

import io.github.psft4j.train.StepMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Step metrics averaged over each macro-batch. Within a macro-batch they rise from the refresh of the old policy on
 * (the first clip fraction is always 0). So single steps would draw a sawtooth.
 */
final class MacroBatches {

    /**
     * A mean.
     *
     * @param step the last optimizer step in it
     * @param value the mean over the steps of the macro-batch
     */
    record Point(int step, double value) {}

    private MacroBatches() {}

    /** The means of {@code value} over consecutive macro-batches; the last one may be short. */
    static List<Point> means(RunHistory run, ToDoubleFunction<StepMetrics> value) {
        List<Point> points = new ArrayList<>();
        List<StepMetrics> steps = run.steps();
        for (int from = 0; from < steps.size(); from += run.stepsPerMacroBatch()) {
            int to = Math.min(from + run.stepsPerMacroBatch(), steps.size());
            points.add(new Point(to, RunHistory.mean(steps.subList(from, to), value)));
        }
        return points;
    }
}
