package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Estimate;
import io.github.psft4j.examples.experiment.kit.Page;
import io.github.psft4j.examples.experiment.kit.Quantity;
import io.github.psft4j.examples.experiment.kit.Runs;
import io.github.psft4j.examples.experiment.kit.Study;
import io.github.psft4j.examples.experiment.kit.Tables;
import io.github.psft4j.examples.experiment.kit.Verdict;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.Settings;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.monitor.report.Chart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the clip width does, at a careful and at a hot rate. */
final class ClipStudy implements Study {

    static final double CAREFUL = 1e-4;
    static final double HOT = 3e-4;

    private static final List<Double> WIDTHS = List.of(0.05, 0.1, 0.15, 0.2, 0.28, 0.4, 0.5, Trial.NO_CLIP);

    @Override
    public String name() {
        return "clip";
    }

    @Override
    public String question() {
        return "Clip width";
    }

    @Override
    public List<Trial> planned(ResultFiles files) {
        return trials();
    }

    List<Trial> trials() {
        return Stream.of(HOT, CAREFUL).flatMap(rate -> at(rate).stream()).toList();
    }

    private static List<Trial> at(double rate) {
        return WIDTHS.stream().map(Trial.psft(rate)::clip).toList();
    }

    @Override
    public int seeds() {
        return 8;
    }

    @Override
    public Result result(ResultFiles files) throws IOException {
        Runs runs = new Runs(files, trials());
        Verdict stable = claim("Without a clip the gradient norm is higher", runs, Quantity.GRAD_NORM, 1);
        Verdict entropy = claim("Without a clip entropy is even higher", runs, Quantity.SAMPLE_ENTROPY, 1);
        Verdict task = claim("Without a clip the trained skill suffers", runs, Quantity.ADDITIONS, -1);
        Verdict others = claim("Without a clip more of the other skills is forgotten", runs, Quantity.OTHERS, -1);
        List<Verdict> verdicts = List.of(stable, entropy, task, others);
        List<String> advice = List.of(advice(runs, HOT), advice(runs, CAREFUL));
        Page page = new Page("What the clip width does")
                .paragraph("**Claim** (arXiv 2508.17784, ablation of the clip): without a clip entropy"
                        + " is even higher, but the gradient norm is large and unstable and scores are volatile; widths"
                        + " of 0.2 and 0.28 are best.")
                .paragraph("**Metric, fixed before the runs**: gradient norm over the last tenth of the steps. Beside"
                        + " it: entropy on own samples, unseen additions and other skills after the last step. The"
                        + " careful rate is " + Settings.rate(CAREFUL) + ", the hot one " + Settings.rate(HOT) + ".")
                .paragraph("**Expected before the runs**: nothing at the careful rate, where few tokens reach the clip."
                        + " At the hot rate narrower clips lower the gradient norm and raise accuracy; without a clip"
                        + " the run is like SFT's.")
                .section("Verdict")
                .items(verdicts.stream().map(Verdict::sentence).toList())
                .section("What to do")
                .items(advice)
                .section("Results")
                .paragraph(Settings.text(runs.seeds()))
                .table(Tables.heading("rate, method"), Tables.rows(runs, trials()))
                .paragraph("No clip - clip 0.28, paired by seed and problem; * where the interval leaves 0 out:")
                .table(Tables.DIFFERENCES, List.of(noClip(runs, HOT), noClip(runs, CAREFUL)));
        List<Chart> charts = charts(runs);
        charts.forEach(chart -> page.image(chart.title(), "images/" + chart.id() + ".svg"));
        page.paragraph("Dashed: no clip.");
        page.section("Again").paragraph(Settings.AGAIN).code(Settings.command(name()));
        return new Result(page.toString(), charts, claims(stable, entropy), advice);
    }

    /** Of no clip against the paper's; positive is what the claim says. */
    private static Verdict claim(String text, Runs runs, Quantity quantity, int sign) {
        Verdict verdict = new Verdict(text);
        for (double rate : List.of(HOT, CAREFUL)) {
            Estimate e = runs.difference(Trial.psft(rate), Trial.psft(rate).clip(Trial.NO_CLIP), quantity);
            verdict.when("at " + Settings.rate(rate), sign > 0 ? e : e.negated());
        }
        return verdict;
    }

    private static List<String> noClip(Runs runs, double rate) {
        return Tables.difference(
                Settings.rate(rate), runs, Trial.psft(rate), Trial.psft(rate).clip(Trial.NO_CLIP));
    }

    /** Which widths differ from the paper's in the trained skill or the others. */
    private static String advice(Runs runs, double rate) {
        List<String> better = new ArrayList<>();
        List<String> worse = new ArrayList<>();
        for (double width : WIDTHS) {
            int compared = runs.compared(Trial.psft(rate), Trial.psft(rate).clip(width));
            if (compared != 0) {
                (compared > 0 ? better : worse).add(Settings.width(width));
            }
        }
        return "At " + Settings.rate(rate) + ", against the paper's 0.28: " + named(better, "more")
                + " of the trained skill or of the others and less of neither; " + named(worse, "less")
                + " of one and more of neither.";
    }

    private static String named(List<String> widths, String how) {
        return widths.isEmpty()
                ? "no width leaves " + how
                : String.join(", ", widths) + (widths.size() > 1 ? " leave " : " leaves ") + how;
    }

    private List<Chart> charts(Runs runs) {
        Chart.Horizontal widths = new Chart.Horizontal("clip width", false);
        return Stream.of(Quantity.GRAD_NORM, Quantity.SAMPLE_ENTROPY, Quantity.ADDITIONS, Quantity.OTHERS)
                .map(quantity -> Tables.chart(
                        name(),
                        quantity,
                        widths,
                        List.of(
                                clipped(runs, 0, HOT, quantity),
                                clipped(runs, 1, CAREFUL, quantity),
                                unclipped(runs, 0, HOT, quantity),
                                unclipped(runs, 1, CAREFUL, quantity))))
                .toList();
    }

    private static Chart.Line clipped(Runs runs, int colour, double rate, Quantity quantity) {
        List<Trial> trials =
                at(rate).stream().filter(trial -> trial.clip() != Trial.NO_CLIP).toList();
        return Tables.line(Settings.rate(rate), colour, runs, trials, Trial::clip, quantity);
    }

    private static Chart.Line unclipped(Runs runs, int colour, double rate, Quantity quantity) {
        double value = runs.mean(Trial.psft(rate).clip(Trial.NO_CLIP), quantity).value();
        return new Chart.Line(
                Settings.rate(rate) + ", no clip", colour, true, new double[] {0.05, 0.5}, new double[] {value, value});
    }

    private static List<Claim> claims(Verdict stable, Verdict entropy) {
        return List.of(
                Tables.claim("Without a clip the gradient norm is large and unstable (ablation of the clip)", stable),
                Tables.claim("Without a clip entropy is even higher (ablation of the clip)", entropy));
    }
}
