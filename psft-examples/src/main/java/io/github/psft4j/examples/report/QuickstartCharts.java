package io.github.psft4j.examples.report;

import io.github.psft4j.examples.evaluation.Measurement;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.monitor.report.Chart;
import io.github.psft4j.train.StepMetrics;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The charts of the quick start. */
public final class QuickstartCharts {

    /** Runs in the order of their colours. */
    static final List<String> RUNS = List.of("PSFT", "SFT");

    private static final int PSFT = 0;
    private static final int SFT = 1;

    private QuickstartCharts() {}

    /** The six charts of a comparison. */
    public static List<Chart> of(RunComparison comparison) {
        return List.of(
                new Chart(
                        "accuracy-in-domain",
                        "Accuracy on unseen additions",
                        "share solved",
                        Chart.Scale.FROM_ZERO,
                        List.of(
                                scores(comparison.sft(), SFT, "SFT", false, SkillScores::inDomain),
                                scores(comparison.psft(), PSFT, "PSFT", false, SkillScores::inDomain))),
                new Chart(
                        "accuracy-out-of-domain",
                        "Accuracy on the other five skills",
                        "share solved",
                        Chart.Scale.FROM_ZERO,
                        List.of(
                                scores(comparison.sft(), SFT, "SFT", false, SkillScores::outOfDomain),
                                scores(comparison.psft(), PSFT, "PSFT", false, SkillScores::outOfDomain))),
                new Chart(
                        "nll",
                        "Negative log-likelihood",
                        "nats/token",
                        Chart.Scale.LOGARITHMIC,
                        List.of(
                                scores(comparison.sft(), SFT, "SFT held-out", false, SkillScores::nll),
                                scores(comparison.psft(), PSFT, "PSFT held-out", false, SkillScores::nll),
                                metric(comparison.sft(), SFT, "SFT training", true, StepMetrics::nll),
                                metric(comparison.psft(), PSFT, "PSFT training", true, StepMetrics::nll))),
                new Chart(
                        "entropy",
                        "Entropy of the next-token distribution",
                        "nats/token",
                        Chart.Scale.LOGARITHMIC,
                        List.of(
                                scores(comparison.sft(), SFT, "SFT own samples", false, SkillScores::sampleEntropy),
                                scores(comparison.psft(), PSFT, "PSFT own samples", false, SkillScores::sampleEntropy),
                                scores(comparison.sft(), SFT, "SFT targets", true, SkillScores::targetEntropy),
                                scores(comparison.psft(), PSFT, "PSFT targets", true, SkillScores::targetEntropy))),
                new Chart(
                        "gradient-norm",
                        "Gradient norm before clipping",
                        "norm",
                        Chart.Scale.LOGARITHMIC,
                        List.of(
                                metric(comparison.sft(), SFT, "SFT", false, StepMetrics::gradNorm),
                                metric(comparison.psft(), PSFT, "PSFT", false, StepMetrics::gradNorm))),
                new Chart(
                        "clip-fraction",
                        "Tokens stopped by the clip",
                        "share of trained tokens",
                        Chart.Scale.FROM_ZERO,
                        List.of(metric(comparison.psft(), PSFT, "PSFT", false, StepMetrics::clipFraction))));
    }

    private static Chart.Line scores(
            RunHistory history, int run, String name, boolean dashed, Function<SkillScores, Measurement> quantity) {
        List<SkillScores> evaluations = history.evaluations();
        return new Chart.Line(
                name,
                run,
                dashed,
                evaluations.stream().mapToDouble(SkillScores::step).toArray(),
                evaluations.stream()
                        .mapToDouble(scores -> quantity.apply(scores).value())
                        .toArray());
    }

    private static Chart.Line metric(
            RunHistory history, int run, String name, boolean dashed, ToDoubleFunction<StepMetrics> value) {
        List<MacroBatches.Point> points = MacroBatches.means(history, value);
        return new Chart.Line(
                name,
                run,
                dashed,
                points.stream().mapToDouble(MacroBatches.Point::step).toArray(),
                points.stream().mapToDouble(MacroBatches.Point::value).toArray());
    }
}
