package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Estimate;
import io.github.psft4j.examples.experiment.kit.Page;
import io.github.psft4j.examples.experiment.kit.PaperClaims;
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

/** What was tried to make the paper's claims show: fewer demonstrations, more passes over them, larger steps. */
final class FewStudy implements Study {

    static final String NAME = "few-demonstrations";

    private static final int FEW = 64;

    /** Fewest seeds of a verdict. */
    private static final int LEAST = 3;

    /** What PSFT may solve less and still learn "as well", as in the learning-rate study. */
    private static final double MARGIN = 0.02;

    private static final List<Pair> PAIRS = List.of(
            pair(1e-4, 1e-4, Trial.STEPS),
            pair(3e-4, 3e-4, Trial.STEPS),
            pair(1e-3, 1e-3, Trial.STEPS),
            pair(3e-4, 3e-4, 2 * Trial.STEPS),
            pair(3e-4, 1.5e-5, Trial.STEPS));

    /** Two trials that are compared. */
    private record Pair(Trial sft, Trial psft) {

        String name() {
            String rates = sft.rate() == psft.rate()
                    ? "equal " + Settings.rate(sft.rate())
                    : "SFT " + Settings.rate(sft.rate()) + " with PSFT " + Settings.rate(psft.rate());
            return rates + ", " + passes(sft) + " passes";
        }
    }

    private static Pair pair(double sftRate, double psftRate, int steps) {
        return new Pair(Trial.sft(sftRate).on(FEW, steps), Trial.psft(psftRate).on(FEW, steps));
    }

    private static int passes(Trial trial) {
        return trial.steps() * (Trial.DEMONSTRATIONS / Trial.AGE) / trial.demonstrations();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String question() {
        return "Few demonstrations, many passes";
    }

    @Override
    public List<Trial> planned(ResultFiles files) {
        return trials();
    }

    private static List<Trial> trials() {
        List<Trial> trials = new ArrayList<>();
        for (Pair pair : PAIRS) {
            for (Trial trial : List.of(pair.sft, pair.psft)) {
                if (!trials.contains(trial)) {
                    trials.add(trial);
                }
            }
        }
        return trials;
    }

    @Override
    public int seeds() {
        return 8;
    }

    @Override
    public Result result(ResultFiles files) throws IOException {
        Page page = new Page("What was tried to make the claims show")
                .paragraph("**Claims** (arXiv 2508.17784, Table 1 and the curves of entropy): as in"
                        + " [learning-rate](learning-rate.md). With " + Trial.DEMONSTRATIONS
                        + " demonstrations and 20 passes they depend on the rates. The authors' LIMO run has few"
                        + " demonstrations and many passes. Overfitting is where a clip should help most.")
                .paragraph("**Metric, fixed before the runs**: share of the other five skills solved after the last"
                        + " step, as in learning-rate. Beside it: entropy on own samples, unseen additions, grad norm.")
                .paragraph("**Expected before the runs**: both overfit, so entropy falls and unseen additions are lost."
                        + " At equal rates PSFT keeps no more; at the paper's ratio it does, because it moves less.");
        if (seedsOfAll(files) < LEAST) {
            page.section("Verdict").paragraph("Not run.");
            return new Result(again(page).toString(), List.of(), List.of(), List.of("Not measured: no advice."));
        }
        Runs runs = new Runs(files, trials());
        Verdict forgets = over("PSFT forgets less of the other skills", runs, Quantity.OTHERS, 1, 0);
        Verdict entropy = over("PSFT keeps entropy up", runs, Quantity.SAMPLE_ENTROPY, 1, 0);
        Verdict learns =
                over("PSFT learns the task as well (at most 2 points less)", runs, Quantity.ADDITIONS, 1, MARGIN);
        Verdict stable = over("PSFT's gradient norm is lower", runs, Quantity.GRAD_NORM, -1, 0);
        List<Verdict> verdicts = List.of(forgets, entropy, learns, stable);
        List<String> advice = List.of(advice(forgets), advice(entropy));
        page.section("Verdict")
                .items(verdicts.stream().map(Verdict::sentence).toList())
                .section("What to do")
                .items(advice)
                .section("Results")
                .paragraph(Settings.text(runs.seeds()) + " Here the demonstrations are the first " + FEW
                        + " of them, so " + Trial.STEPS + " steps are 80 passes, four times as many, and "
                        + 2 * Trial.STEPS + " are 160. pi_old is taken every 8 steps.")
                .table(Tables.heading("rate, method"), Tables.rows(runs, trials()))
                .paragraph("PSFT - SFT, paired by seed and problem; * where the interval leaves 0 out:")
                .table(Tables.DIFFERENCES, differences(runs));
        Chart.Horizontal rates = new Chart.Horizontal("learning rate", true);
        List<Chart> charts = List.of(
                chart(runs, rates, Quantity.OTHERS),
                chart(runs, rates, Quantity.ADDITIONS),
                chart(runs, rates, Quantity.SAMPLE_ENTROPY));
        charts.forEach(chart -> page.image(chart.title(), "images/" + chart.id() + ".svg"));
        return new Result(
                again(page).toString(),
                charts,
                List.of(
                        Tables.claim(PaperClaims.OUT_OF_DOMAIN, forgets),
                        Tables.claim(PaperClaims.ENTROPY, entropy),
                        Tables.claim(PaperClaims.IN_DOMAIN, learns)),
                advice);
    }

    private static int seedsOfAll(ResultFiles files) throws IOException {
        int least = Integer.MAX_VALUE;
        for (Trial trial : trials()) {
            least = Math.min(least, files.of(trial).size());
        }
        return least;
    }

    private Page again(Page page) {
        return page.section("Again").paragraph(Settings.AGAIN).code(Settings.command(name()));
    }

    private static Verdict over(String claim, Runs runs, Quantity quantity, int sign, double margin) {
        Verdict verdict = new Verdict(claim);
        for (Pair pair : PAIRS) {
            Estimate e = runs.difference(pair.sft, pair.psft, quantity);
            verdict.when("at " + pair.name(), (sign > 0 ? e : e.negated()).plus(margin));
        }
        return verdict;
    }

    private static String advice(Verdict verdict) {
        List<String> where = verdict.holding();
        return where.isEmpty()
                ? "Do not count on PSFT where demonstrations are few: \"" + verdict.lowered() + "\" " + verdict.kind()
                        + "."
                : "Where demonstrations are few, " + verdict.lowered() + " " + String.join("; ", where) + ".";
    }

    private static List<List<String>> differences(Runs runs) {
        return PAIRS.stream()
                .map(pair -> Tables.difference(pair.name(), runs, pair.sft, pair.psft))
                .toList();
    }

    private Chart chart(Runs runs, Chart.Horizontal rates, Quantity quantity) {
        List<Trial> sft = PAIRS.subList(0, 3).stream().map(Pair::sft).toList();
        List<Trial> psft = PAIRS.subList(0, 3).stream().map(Pair::psft).toList();
        return Tables.chart(
                name(),
                quantity,
                rates,
                List.of(
                        Tables.line("PSFT", 0, runs, psft, Trial::rate, quantity),
                        Tables.line("SFT", 1, runs, sft, Trial::rate, quantity)));
    }
}
