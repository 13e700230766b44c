package io.github.psft4j.examples.experiment;

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
import io.github.psft4j.policy.RefreshSchedule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** What an SFT warm-up and the age of pi_old do. */
final class WarmupStudy implements Study {

    /** The paper's 0, 100 and 500 of about 1,650 macro-steps, scaled to 20. */
    private static final List<Integer> WARMUPS = List.of(0, 1, 6);

    private static final List<Integer> AGES = List.of(4, Trial.AGE, 16, RefreshSchedule.NEVER_STEPS);

    private static final List<Double> RATES = List.of(ClipStudy.HOT, ClipStudy.CAREFUL);

    @Override
    public String name() {
        return "warm-up";
    }

    @Override
    public String question() {
        return "Warm-up and K";
    }

    @Override
    public List<Trial> planned(ResultFiles files) {
        return trials();
    }

    List<Trial> trials() {
        Set<Trial> trials = new LinkedHashSet<>();
        for (double rate : RATES) {
            trials.add(Trial.sft(rate));
            trials.addAll(ages(rate));
            trials.addAll(warmups(rate));
        }
        return List.copyOf(trials);
    }

    private static List<Trial> warmups(double rate) {
        return WARMUPS.stream().map(Trial.psft(rate)::warmup).toList();
    }

    private static List<Trial> ages(double rate) {
        return AGES.stream().map(Trial.psft(rate)::age).toList();
    }

    @Override
    public int seeds() {
        return 8;
    }

    @Override
    public Result result(ResultFiles files) throws IOException {
        Runs runs = new Runs(files, trials());
        Verdict learns = new Verdict("A warm-up raises the accuracy of the trained skill");
        Verdict forgets = new Verdict("A warm-up costs retention of the other skills");
        Verdict fixed = new Verdict("With a pi_old that is never taken again, less is learned");
        Verdict keeps = new Verdict("With a pi_old that is never taken again, more is kept");
        for (double rate : RATES) {
            Trial psft = Trial.psft(rate);
            for (int warmup : WARMUPS.subList(1, WARMUPS.size())) {
                String where = "at " + Settings.rate(rate) + " after " + warmup
                        + (warmup == 1 ? " macro-step of SFT" : " macro-steps of SFT");
                learns.when(where, runs.difference(psft, psft.warmup(warmup), Quantity.ADDITIONS));
                forgets.when(where, runs.difference(psft.warmup(warmup), psft, Quantity.OTHERS));
            }
            Trial never = psft.age(RefreshSchedule.NEVER_STEPS);
            fixed.when("at " + Settings.rate(rate), runs.difference(never, psft, Quantity.ADDITIONS));
            keeps.when("at " + Settings.rate(rate), runs.difference(psft, never, Quantity.OTHERS));
        }
        List<Verdict> verdicts = List.of(learns, forgets, fixed, keeps);
        List<String> advice = advice(runs);
        Page page = new Page("What a warm-up and the age of pi_old do")
                .paragraph("**Claim** (arXiv 2508.17784, Section 4.1.1 and Table 1): some steps of SFT first raise"
                        + " in-domain accuracy (46.98 to 48.17) and give the retention back (IFEval 73.03 to 55.07)."
                        + " Table 6: a pi_old that is never taken again learns least (AIME-24 13.02, against 19.38"
                        + " every 8 steps and 22.50 every 4) and keeps most.")
                .paragraph("**Metric, fixed before the runs**: unseen additions and other skills after the last step."
                        + " The warm-ups are 0, 1 and 6 of 20 macro-steps, which are the shares of the paper's 0, 100"
                        + " and 500. pi_old is taken every 1 (which is SFT), 4, 8 or 16 steps, or once at the start.")
                .paragraph("**Expected before the runs**: a warm-up costs retention at the hot rate alone. A fixed"
                        + " pi_old learns far less: tokens stop at 1.28 times their first probability.")
                .section("Verdict")
                .items(verdicts.stream().map(Verdict::sentence).toList())
                .section("What to do")
                .items(advice)
                .section("Results")
                .paragraph(Settings.text(runs.seeds()) + " Warm-ups in macro-steps, ages in optimizer steps.")
                .table(Tables.heading("rate, method"), Tables.rows(runs, trials()))
                .paragraph("Against PSFT without warm-up and with K = 8, paired by seed and problem; * where the"
                        + " interval leaves 0 out:")
                .table(Tables.DIFFERENCES, differences(runs));
        List<Chart> charts = charts(runs);
        charts.forEach(chart -> page.image(chart.title(), "images/" + chart.id() + ".svg"));
        page.section("Again").paragraph(Settings.AGAIN).code(Settings.command(name()));
        return new Result(page.toString(), charts, claims(verdicts), advice);
    }

    private List<List<String>> differences(Runs runs) {
        List<List<String>> rows = new ArrayList<>();
        for (Trial trial : trials()) {
            Trial plain = Trial.psft(trial.rate());
            if (!trial.equals(plain)) {
                rows.add(Tables.difference(Settings.words(trial), runs, plain, trial));
            }
        }
        return rows;
    }

    private static List<String> advice(Runs runs) {
        List<String> advice = new ArrayList<>();
        for (double rate : RATES) {
            String at = " at " + Settings.rate(rate) + ": ";
            advice.add("Warm-up" + at + better(runs, rate, warmups(rate), "Leave it out."));
            advice.add("Age of pi_old" + at + better(runs, rate, ages(rate), "Leave K at 8."));
        }
        return advice;
    }

    private static String better(Runs runs, double rate, List<Trial> trials, String otherwise) {
        List<String> better = trials.stream()
                .filter(trial -> runs.compared(Trial.psft(rate), trial) > 0)
                .map(Settings::words)
                .toList();
        return better.isEmpty()
                ? "none leaves more of the trained skill or of the others and less of neither. " + otherwise
                : String.join("; ", better) + " leaves more of the trained skill or of the others and less of neither.";
    }

    private List<Chart> charts(Runs runs) {
        Chart.Horizontal warmups = new Chart.Horizontal("macro-steps of SFT first, of 20", false);
        Chart.Horizontal ages = new Chart.Horizontal("optimizer steps until pi_old is taken again (1: SFT)", false);
        List<Chart> charts = new ArrayList<>();
        for (Quantity quantity : List.of(Quantity.ADDITIONS, Quantity.OTHERS)) {
            charts.add(Tables.chart(
                    name(),
                    quantity,
                    warmups,
                    lines(rate -> Tables.line(
                            Settings.rate(rate), RATES.indexOf(rate), runs, warmups(rate), Trial::warmup, quantity))));
            charts.add(Tables.chart(
                    "age",
                    quantity,
                    ages,
                    lines(rate -> Tables.line(
                            Settings.rate(rate), RATES.indexOf(rate), runs, byAge(rate), WarmupStudy::age, quantity))));
        }
        return charts;
    }

    private static List<Chart.Line> lines(Function<Double, Chart.Line> line) {
        return RATES.stream().map(line).toList();
    }

    /** SFT, whose pi_old is always new, and the ages that are numbers. */
    private static List<Trial> byAge(double rate) {
        return Stream.concat(Stream.of(Trial.sft(rate)), ages(rate).stream().filter(trial -> trial.age() > 0))
                .toList();
    }

    private static double age(Trial trial) {
        return trial.method() == Trial.Method.SFT ? 1 : trial.age();
    }

    private static List<Claim> claims(List<Verdict> verdicts) {
        return List.of(
                Tables.claim("A warm-up raises in-domain accuracy, 46.98 to 48.17 (Table 1)", verdicts.get(0)),
                Tables.claim("A warm-up forfeits retention, IFEval 73.03 to 55.07 (Table 1)", verdicts.get(1)),
                Tables.claim("A fixed pi_old learns least, AIME-24 13.02 against 19.38 (Table 6)", verdicts.get(2)),
                Tables.claim("A fixed pi_old keeps most, IFEval 76.46 against 73.03 (Table 6)", verdicts.get(3)));
    }
}
