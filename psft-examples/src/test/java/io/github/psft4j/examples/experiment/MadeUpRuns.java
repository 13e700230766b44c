package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.run.TrialResult;
import io.github.psft4j.examples.experiment.run.TrialResult.Point;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/** Results with made-up numbers. */
final class MadeUpRuns {

    static final int PROBLEMS = 100;
    private static final int STEPS = 160;

    private MadeUpRuns() {}

    /**
     * A run that solves {@code others} of the other skills at the end and half of the additions all the time. Its NLL
     * falls from 1 over 0.1 at step 100 to {@code nll} at the end.
     */
    static TrialResult run(long seed, double others, double nll) {
        int[] nlls = new int[PROBLEMS];
        Arrays.fill(nlls, (int) Math.round(nll * 1e4));
        int[] steps = new int[STEPS];
        Arrays.fill(steps, 1000);
        return new TrialResult(
                seed,
                1,
                List.of(point(0, 1, 1), point(100, 0.1, 0.8), point(STEPS, nll, others)),
                Map.of("nll", nlls, "targetEntropy", nlls, "sampleEntropy", nlls),
                Map.of("gradNorm", steps, "nll", steps, "entropy", steps, "clip", steps, "ratio", steps));
    }

    private static Point point(int step, double nll, double others) {
        BitSet solved = new BitSet();
        for (int i = 0; i < PROBLEMS; i++) {
            solved.set(i, i % 2 == 0);
        }
        for (int i = 0; i < 5 * PROBLEMS; i++) {
            solved.set(PROBLEMS + i, i % PROBLEMS < others * PROBLEMS);
        }
        return new Point(step, nll, nll, nll, Base64.getEncoder().encodeToString(solved.toByteArray()));
    }
}
