package io.github.psft4j.examples.report;

import io.github.psft4j.examples.evaluation.Measurement;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.train.StepMetrics;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A line chart over optimizer steps, independent of how it is drawn.
 *
 * @param fileName of the PNG, without extension
 * @param title what is shown
 * @param unit of the vertical axis
 * @param logarithmic whether the vertical axis is logarithmic; values that are not positive are then left out
 * @param lines what is drawn
 */
record Chart(String fileName, String title, String unit, boolean logarithmic, List<Line> lines) {

    /** Which colour a line has. */
    enum Hue {
        SFT,
        PSFT
    }

    /**
     * One line.
     *
     * @param name legend
     * @param hue colour
     * @param dashed whether it is drawn dashed and without markers
     * @param steps horizontal coordinates
     * @param values vertical coordinates
     */
    record Line(String name, Hue hue, boolean dashed, double[] steps, double[] values) {

        private Line keeping(DoublePredicate filter) {
            int[] kept = IntStream.range(0, values.length)
                    .filter(i -> filter.test(values[i]))
                    .toArray();
            return new Line(
                    name,
                    hue,
                    dashed,
                    Arrays.stream(kept).mapToDouble(i -> steps[i]).toArray(),
                    Arrays.stream(kept).mapToDouble(i -> values[i]).toArray());
        }
    }

    /**
     * The lines with what this chart can show of them: finite values, on a logarithmic axis positive ones. A line of
     * which nothing is left is left out.
     */
    List<Line> drawable() {
        return lines.stream()
                .map(line -> line.keeping(value -> Double.isFinite(value) && (!logarithmic || value > 0)))
                .filter(line -> line.values().length > 0)
                .toList();
    }

    /** The vertical axis that holds all {@link #drawable} lines. */
    Axis verticalAxis() {
        double[] values = drawable().stream()
                .flatMapToDouble(line -> Arrays.stream(line.values()))
                .toArray();
        return Axis.holding(values, logarithmic);
    }

    /** The six charts of a comparison. */
    static List<Chart> of(Comparison comparison) {
        return List.of(
                new Chart(
                        "accuracy-in-domain",
                        "Accuracy on unseen additions",
                        "share solved",
                        false,
                        List.of(
                                scores(comparison.sft(), Hue.SFT, "SFT", false, SkillScores::inDomain),
                                scores(comparison.psft(), Hue.PSFT, "PSFT", false, SkillScores::inDomain))),
                new Chart(
                        "accuracy-out-of-domain",
                        "Accuracy on the other five skills",
                        "share solved",
                        false,
                        List.of(
                                scores(comparison.sft(), Hue.SFT, "SFT", false, SkillScores::outOfDomain),
                                scores(comparison.psft(), Hue.PSFT, "PSFT", false, SkillScores::outOfDomain))),
                new Chart(
                        "nll",
                        "Negative log-likelihood",
                        "nats/token",
                        true,
                        List.of(
                                scores(comparison.sft(), Hue.SFT, "SFT held-out", false, SkillScores::nll),
                                scores(comparison.psft(), Hue.PSFT, "PSFT held-out", false, SkillScores::nll),
                                metric(comparison.sft(), Hue.SFT, "SFT training", true, StepMetrics::nll),
                                metric(comparison.psft(), Hue.PSFT, "PSFT training", true, StepMetrics::nll))),
                new Chart(
                        "entropy",
                        "Entropy of the next-token distribution",
                        "nats/token",
                        true,
                        List.of(
                                scores(comparison.sft(), Hue.SFT, "SFT own samples", false, SkillScores::sampleEntropy),
                                scores(
                                        comparison.psft(),
                                        Hue.PSFT,
                                        "PSFT own samples",
                                        false,
                                        SkillScores::sampleEntropy),
                                scores(comparison.sft(), Hue.SFT, "SFT targets", true, SkillScores::targetEntropy),
                                scores(comparison.psft(), Hue.PSFT, "PSFT targets", true, SkillScores::targetEntropy))),
                new Chart(
                        "gradient-norm",
                        "Gradient norm before clipping",
                        "norm",
                        true,
                        List.of(
                                metric(comparison.sft(), Hue.SFT, "SFT", false, StepMetrics::gradNorm),
                                metric(comparison.psft(), Hue.PSFT, "PSFT", false, StepMetrics::gradNorm))),
                new Chart(
                        "clip-fraction",
                        "Tokens stopped by the clip",
                        "share of trained tokens",
                        false,
                        List.of(metric(comparison.psft(), Hue.PSFT, "PSFT", false, StepMetrics::clipFraction))));
    }

    private static Line scores(
            RunHistory run, Hue hue, String name, boolean dashed, Function<SkillScores, Measurement> quantity) {
        List<SkillScores> evaluations = run.evaluations();
        return new Line(
                name,
                hue,
                dashed,
                evaluations.stream().mapToDouble(SkillScores::step).toArray(),
                evaluations.stream()
                        .mapToDouble(scores -> quantity.apply(scores).value())
                        .toArray());
    }

    private static Line metric(
            RunHistory run, Hue hue, String name, boolean dashed, ToDoubleFunction<StepMetrics> value) {
        List<MacroBatches.Point> points = MacroBatches.means(run, value);
        return new Line(
                name,
                hue,
                dashed,
                points.stream().mapToDouble(MacroBatches.Point::step).toArray(),
                points.stream().mapToDouble(MacroBatches.Point::value).toArray());
    }
}
