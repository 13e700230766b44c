package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Page;
import io.github.psft4j.examples.experiment.kit.Runs;
import io.github.psft4j.examples.experiment.kit.Study;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.Settings;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.examples.experiment.run.TrialResult;
import io.github.psft4j.io.Shown;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.monitor.report.Chart;
import io.github.psft4j.monitor.signature.FailureSignatures;
import io.github.psft4j.monitor.signature.Finding;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainingPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a healthy run looks like, and how often the failure signatures are right: the runs of the learning rates. */
final class HealthyStudy implements Study {

    /** A run is bad if its NLL is this many times that of the best rate, which is lower than its own. */
    private static final double BAD = 2;

    /** Seeds that had been looked at when signatures were chosen; the others judge them. */
    private static final int SET = 3;

    private static final double GOOD_RATE = 1e-4;
    private static final double BAD_RATE = 1e-3;

    private static final int DEMONSTRATIONS = 256;
    private static final int PARAMETERS = 800_000;

    private final LearningRateStudy rates = new LearningRateStudy();

    @Override
    public String name() {
        return "healthy-run";
    }

    @Override
    public String question() {
        return "Watching a run";
    }

    @Override
    public List<Trial> planned(ResultFiles files) {
        return trials();
    }

    private List<Trial> trials() {
        return rates.trials();
    }

    @Override
    public int seeds() {
        return rates.seeds();
    }

    /** A run and the signatures that were seen in it. */
    private record Seen(TrialResult run, List<String> signatures) {}

    /** Runs of one part of the seeds. */
    private record Part(List<Seen> good, List<Seen> bad) {

        List<TrialResult> goodRuns() {
            return good.stream().map(Seen::run).toList();
        }

        List<TrialResult> badRuns() {
            return bad.stream().map(Seen::run).toList();
        }

        double falseAlarms(String signature) {
            return share(good, signature);
        }

        double misses(String signature) {
            return 1 - share(bad, signature);
        }

        private static double share(List<Seen> runs, String signature) {
            return runs.stream()
                    .mapToDouble(seen -> seen.signatures().contains(signature) ? 1 : 0)
                    .average()
                    .orElse(Double.NaN);
        }
    }

    @Override
    public Result result(ResultFiles files) throws IOException {
        Runs runs = new Runs(files, trials());
        if (runs.seeds() <= SET) {
            throw new IllegalArgumentException("seeds 1 to " + SET + " set thresholds, so judging them needs more; run "
                    + rates.name() + " with more seeds");
        }
        Part set = part(runs, 0, SET);
        Part judged = part(runs, SET, runs.seeds());
        List<String> advice = advice(set, judged);
        Page page = new Page("A healthy run")
                .paragraph("**Question**: do the metrics of a run tell, before any evaluation, that it goes wrong? And"
                        + " how often do the [failure signatures](../monitoring.md#failure-signatures) err?")
                .paragraph("**Which runs are bad** (chosen after about 20 runs had been seen): a run is bad if its"
                        + " held-out NLL at the end is more than twice that of the best rate of the same method and"
                        + " seed, and its own rate is higher. All others are good, slow ones too. Seeds 1 to " + SET
                        + " were looked at: `rising-nll` was added then, and thresholds are set on them. The later"
                        + " seeds judge.")
                .section("Verdict")
                .items(verdict(set, judged))
                .section("What to do")
                .items(advice)
                .section("Failure signatures as they are")
                .paragraph("Later seeds: " + judged.good().size() + " good runs, "
                        + judged.bad().size()
                        + " bad ones. In brackets seeds 1 to " + SET + ": "
                        + set.good().size() + " and "
                        + set.bad().size()
                        + ". Signatures that are not in the table fired in no run.")
                .table(List.of("signature", "false alarms", "misses"), shippedRows(set, judged))
                .section("Thresholds")
                .paragraph("What these signatures compare with their threshold, and the threshold that seeds 1 to "
                        + SET + " would set. Errors are those of the later seeds with that threshold.")
                .table(
                        List.of("number", "signature", "its threshold", "set here", "false alarms", "misses"),
                        fitted(set, judged))
                .section("Pictures")
                .paragraph("Means over seeds and macro-batches of 8 steps. Good: " + Settings.rate(GOOD_RATE)
                        + ". Bad: " + Settings.rate(BAD_RATE) + ". " + Settings.text(runs.seeds()));
        List<Chart> charts = charts(runs);
        charts.forEach(chart -> page.image(chart.title(), "images/" + chart.id() + ".svg"));
        page.section("Again").paragraph(Settings.AGAIN).code(Settings.command(rates.name()));
        return new Result(page.toString(), charts, List.of(), advice);
    }

    private Part part(Runs runs, int from, int to) {
        Part part = new Part(new ArrayList<>(), new ArrayList<>());
        for (Trial.Method method : Trial.Method.values()) {
            for (int s = from; s < to; s++) {
                sort(runs, method, s, part);
            }
        }
        return part;
    }

    private void sort(Runs runs, Trial.Method method, int s, Part part) {
        List<Trial> own = trials().stream().filter(t -> t.method() == method).toList();
        Trial best = own.stream()
                .min(Comparator.comparingDouble(t -> nll(runs, t, s)))
                .orElseThrow();
        for (Trial trial : own) {
            boolean bad = trial.rate() > best.rate() && nll(runs, trial, s) > BAD * nll(runs, best, s);
            TrialResult run = runs.of(trial).get(s);
            (bad ? part.bad() : part.good()).add(new Seen(run, signatures(trial, run)));
        }
    }

    private static double nll(Runs runs, Trial trial, int s) {
        return runs.of(trial).get(s).last().nll();
    }

    private static List<String> signatures(Trial trial, TrialResult run) {
        String objective = trial.objective().name();
        TrainingPlan plan = new TrainingPlan(objective, Trial.STEPS, Trial.AGE, 0, DEMONSTRATIONS, PARAMETERS);
        return FailureSignatures.of(plan, steps(objective, run)).stream()
                .map(Finding::signature)
                .toList();
    }

    private static List<StepMetrics> steps(String objective, TrialResult run) {
        double[] norm = run.byStep("gradNorm");
        double[] nll = run.byStep("nll");
        double[] entropy = run.byStep("entropy");
        double[] clip = run.byStep("clip");
        double[] ratio = run.byStep("ratio");
        return IntStream.range(0, norm.length)
                .mapToObj(i -> new StepMetrics(
                        new StepMetrics.Position(i + 1, i / Trial.AGE + 1, i / Trial.AGE + 1),
                        objective,
                        new LossReport(nll[i], nll[i], entropy[i], ratio[i], clip[i], 0, 1, 1),
                        norm[i],
                        0,
                        0,
                        0))
                .toList();
    }

    private static List<String> seen(Part... parts) {
        return Stream.of(parts)
                .flatMap(part -> Stream.concat(part.good().stream(), part.bad().stream()))
                .flatMap(seen -> seen.signatures().stream())
                .distinct()
                .sorted()
                .toList();
    }

    private static List<String> verdict(Part set, Part judged) {
        List<String> items = new ArrayList<>();
        for (String name : seen(set, judged)) {
            double falseAlarms = judged.falseAlarms(name);
            double misses = judged.misses(name);
            items.add(Shown.format(
                    "`%s` %s: it fires in %.0f %% of the good runs and misses %.0f %% of the bad ones.",
                    name,
                    useful(falseAlarms, misses) ? "tells them apart" : "does not tell them apart",
                    100 * falseAlarms,
                    100 * misses));
        }
        return items.isEmpty() ? List.of("No signature fires in any run, so all bad ones are missed.") : items;
    }

    /** Fewer errors than half of what an alarm at random makes. */
    private static boolean useful(double falseAlarms, double misses) {
        return falseAlarms + misses < 0.5;
    }

    private static List<String> advice(Part set, Part judged) {
        List<String> useful = seen(set, judged).stream()
                .filter(name -> useful(judged.falseAlarms(name), judged.misses(name)))
                .map(name -> "`" + name + "`")
                .toList();
        String trusted = useful.isEmpty()
                ? "Do not judge a rate by the metrics of its steps: no signature tells good runs from bad."
                : "Take " + String.join(" and ", useful) + " seriously: the rate is probably too high.";
        return List.of(
                trusted,
                "Evaluate on held-out data during the run. It is what defines a bad run here, and it costs a few"
                        + " forward passes.");
    }

    private static List<List<String>> shippedRows(Part set, Part judged) {
        return seen(set, judged).stream()
                .map(name -> List.of(
                        "`" + name + "`",
                        both(judged.falseAlarms(name), set.falseAlarms(name)),
                        both(judged.misses(name), set.misses(name))))
                .toList();
    }

    private static String both(double judged, double set) {
        return Shown.format("%.0f %% (%.0f %%)", 100 * judged, 100 * set);
    }

    private static List<List<String>> fitted(Part set, Part judged) {
        List<List<String>> rows = new ArrayList<>();
        for (Alarm alarm : Alarm.ALL) {
            double threshold = alarm.fitted(set.goodRuns(), set.badRuns());
            Alarm.Rates rates = alarm.rates(judged.goodRuns(), judged.badRuns(), threshold);
            rows.add(List.of(
                    alarm.name(),
                    "`" + alarm.signature() + "`",
                    Shown.format("%.1f", alarm.shipped()),
                    Shown.format("%.2f", threshold),
                    Shown.format("%.0f %%", 100 * rates.falseAlarms()),
                    Shown.format("%.0f %%", 100 * rates.misses())));
        }
        return rows;
    }

    private static List<Chart> charts(Runs runs) {
        return Stream.of(
                        List.of("entropy", "Entropy at the trained tokens", "nats/token"),
                        List.of("ratio", "Mean ratio to pi_old", "ratio"),
                        List.of("clip", "Clip fraction", "share"),
                        List.of("gradNorm", "Gradient norm before clipping", "norm"))
                .map(what -> new Chart(
                        "healthy-" + what.get(0).toLowerCase(Locale.ROOT),
                        what.get(1),
                        what.get(2),
                        what.get(0).equals("clip") ? Chart.Scale.FROM_ZERO : Chart.Scale.LOGARITHMIC,
                        List.of(
                                line(runs, "PSFT, good", 0, false, Trial.psft(GOOD_RATE), what.get(0)),
                                line(runs, "SFT, good", 1, false, Trial.sft(GOOD_RATE), what.get(0)),
                                line(runs, "PSFT, bad", 0, true, Trial.psft(BAD_RATE), what.get(0)),
                                line(runs, "SFT, bad", 1, true, Trial.sft(BAD_RATE), what.get(0)))))
                .toList();
    }

    private static Chart.Line line(Runs runs, String name, int colour, boolean dashed, Trial trial, String quantity) {
        int points = Trial.STEPS / Trial.AGE;
        double[] steps = new double[points];
        double[] values = new double[points];
        for (int p = 0; p < points; p++) {
            int from = p * Trial.AGE;
            steps[p] = from + Trial.AGE;
            values[p] = runs.of(trial).stream()
                    .mapToDouble(run -> Arrays.stream(run.byStep(quantity), from, from + Trial.AGE)
                            .average()
                            .orElseThrow())
                    .average()
                    .orElseThrow();
        }
        return new Chart.Line(name, colour, dashed, steps, values);
    }
}
