package io.github.psft4j.examples.experiment.kit;

import io.github.psft4j.examples.experiment.run.TrialResult;
import io.github.psft4j.examples.experiment.run.TrialResult.Point;
import java.util.List;

/** Reads a run where it first reaches a held-out NLL, between the evaluations on its way. */
public final class EqualNll {

    private EqualNll() {}

    /** Values of an evaluation; one for each problem, or one alone. */
    public interface Reading {
        double[] of(TrialResult run, Point point);
    }

    /** Share of problems of the other five skills solved. */
    public static final Reading OTHERS = (run, point) -> point.solved(run.problemsOfSkill(), 6 * run.problemsOfSkill());

    /** Share of unseen additions solved. */
    public static final Reading ADDITIONS = (run, point) -> point.solved(0, run.problemsOfSkill());

    /** Entropy along own samples. */
    public static final Reading SAMPLE_ENTROPY = (run, point) -> new double[] {point.sampleEntropy()};

    /** The lowest held-out NLL on the way. */
    public static double lowest(TrialResult run) {
        return run.points().stream().mapToDouble(Point::nll).min().orElseThrow();
    }

    /**
     * The reading where the NLL first is {@code level}, in a straight line in log NLL between the two evaluations.
     *
     * @param level at least the {@link #lowest} of the run
     */
    public static double[] at(TrialResult run, double level, Reading reading) {
        List<Point> points = run.points();
        int reached = 0;
        while (points.get(reached).nll() > level) {
            reached++;
        }
        double[] after = reading.of(run, points.get(reached));
        if (reached == 0) {
            return after;
        }
        Point last = points.get(reached - 1);
        double[] before = reading.of(run, last);
        double way = Math.log(last.nll() / level)
                / Math.log(last.nll() / points.get(reached).nll());
        double[] out = new double[after.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (1 - way) * before[i] + way * after[i];
        }
        return out;
    }
}
