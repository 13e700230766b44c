package io.github.psft4j.examples.experiment.run;

import io.github.psft4j.examples.evaluation.Measurement;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.skills.Skill;
import io.github.psft4j.train.StepMetrics;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What is kept of one run, small enough for a repository. Whole numbers are ten-thousandths.
 *
 * @param seed of demonstrations and order
 * @param seconds of the run, 0 where they were not kept
 * @param points evaluations in the order of their steps; the first is the base model
 * @param problems of the last evaluation by problem: what each adds to the mean of the quantity over the problems
 * @param steps by optimizer step: grad norm, NLL, entropy, clip fraction and ratio
 */
public record TrialResult(
        long seed, double seconds, List<Point> points, Map<String, int[]> problems, Map<String, int[]> steps)
        implements Recorded {

    private static final double UNIT = 1e-4;

    /**
     * One evaluation.
     *
     * @param step optimizer steps so far
     * @param nll held-out, nats/token
     * @param targetEntropy along held-out answers, nats/token
     * @param sampleEntropy along own samples, nats/token
     * @param solved a bit for each problem, additions first, in base 64
     */
    public record Point(int step, double nll, double targetEntropy, double sampleEntropy, String solved) {

        /** Keeps the scores of an evaluation. */
        public static Point of(SkillScores scores) {
            BitSet solved = new BitSet();
            int next = 0;
            for (Skill skill : Skill.values()) {
                for (double one : scores.accuracy().get(skill).sums()) {
                    solved.set(next++, one > 0);
                }
            }
            return new Point(
                    scores.step(),
                    rounded(scores.nll().value()),
                    rounded(scores.targetEntropy().value()),
                    rounded(scores.sampleEntropy().value()),
                    Base64.getEncoder().encodeToString(solved.toByteArray()));
        }

        private static double rounded(double value) {
            return Math.round(value * 1e5) / 1e5;
        }

        /** 1 for each problem from {@code from} to {@code to} that is solved, else 0. */
        public double[] solved(int from, int to) {
            BitSet bits = BitSet.valueOf(Base64.getDecoder().decode(solved));
            double[] out = new double[to - from];
            Arrays.setAll(out, i -> bits.get(from + i) ? 1 : 0);
            return out;
        }
    }

    /** Keeps a run. */
    public static TrialResult of(long seed, double seconds, List<SkillScores> evaluations, List<StepMetrics> steps) {
        SkillScores last = evaluations.get(evaluations.size() - 1);
        return new TrialResult(
                seed,
                Math.round(10 * seconds) / 10.0,
                evaluations.stream().map(Point::of).toList(),
                Map.of(
                        "nll", shares(last.nll()),
                        "targetEntropy", shares(last.targetEntropy()),
                        "sampleEntropy", shares(last.sampleEntropy())),
                Map.of(
                        "gradNorm", curve(steps, StepMetrics::gradNorm),
                        "nll", curve(steps, StepMetrics::nll),
                        "entropy", curve(steps, StepMetrics::entropy),
                        "clip", curve(steps, StepMetrics::clipFraction),
                        "ratio", curve(steps, StepMetrics::meanRatio)));
    }

    /** Numbers whose mean over the problems is the value of the measurement. */
    private static int[] shares(Measurement measurement) {
        double meanCount = (double) Arrays.stream(measurement.counts()).sum() / measurement.problems();
        return Arrays.stream(measurement.sums())
                .mapToInt(sum -> whole(sum / meanCount))
                .toArray();
    }

    private static int[] curve(List<StepMetrics> steps, ToDoubleFunction<StepMetrics> value) {
        return steps.stream().mapToInt(step -> whole(value.applyAsDouble(step))).toArray();
    }

    /** -1 for what was not measured. */
    private static int whole(double value) {
        return Double.isFinite(value) ? (int) Math.min(Integer.MAX_VALUE, Math.round(value / UNIT)) : -1;
    }

    /** The last evaluation. */
    public Point last() {
        return points.get(points.size() - 1);
    }

    /** Held-out problems of each skill. */
    public int problemsOfSkill() {
        return problems.get("nll").length;
    }

    /** A quantity of the last evaluation by problem. */
    public double[] byProblem(String quantity) {
        return scaled(problems.get(quantity));
    }

    /** A quantity by optimizer step; negative where it was not measured. */
    public double[] byStep(String quantity) {
        return scaled(steps.get(quantity));
    }

    private static double[] scaled(int[] whole) {
        return Arrays.stream(whole).mapToDouble(value -> value * UNIT).toArray();
    }
}
