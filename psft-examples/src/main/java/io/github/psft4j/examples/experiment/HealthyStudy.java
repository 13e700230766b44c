package io.github.psft4j.examples.experiment;

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
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a healthy run looks like, and how often the failure signatures are right: the runs of the learning rates. */
final class HealthyStudy implements Study {

    /** A run is bad if its NLL is this many times that of the best rate, which is lower than its own. */
    private static final double BAD = 2;

    private static final double GOOD_RATE = 1e-4;
    private static final double BAD_RATE = 1e-3;

    private static final int PARAMETERS = 800_000;

    private final Study rates = new LearningRateStudy();

    @Override
    public String name() {
        return "healthy-run";
    }

    @Override
    public String question() {
        return "Watching a run";
    }

    @Override
    public List<Trial> trials() {
        return rates.trials();
    }

    @Override
    public int seeds() {
        return rates.seeds();
    }

    /** Runs of one part of the seeds. */
    private record Part(List<TrialResult> good, List<TrialResult> bad) {}

    @Override
    public Result result(ResultFiles files) throws IOException {
        Runs runs = new Runs(files, trials());
        Part odd = part(runs, 1);
        Part even = part(runs, 0);
        Map<String, int[]> shipped = shipped(runs);
        List<String> advice = advice(odd, even);
        Page page = new Page("A healthy run")
                .paragraph("**Question**: do the metrics of a run tell, before any evaluation, that it goes wrong? And"
                        + " how often do the [failure signatures](../monitoring.md#failure-signatures) err?")
                .paragraph("**Fixed before the runs were looked at**: a run is bad if its held-out NLL at the end is"
                        + " more than twice that of the best rate of the same method and seed, and its own rate is"
                        + " higher. All others are good, slow ones too. Thresholds are set on the odd seeds, where"
                        + " false alarms and misses together are fewest; the rates are those of the even seeds.")
                .section("Verdict")
                .items(verdict(shipped, odd, even))
                .section("What to do")
                .items(advice)
                .section("Failure signatures as they are")
                .paragraph(count(odd, even) + " No run here was used to set the thresholds of the signatures.")
                .table(List.of("signature", "good runs with it", "bad runs with it"), shippedRows(shipped, odd, even))
                .section("Thresholds")
                .paragraph("What the signatures compare with their threshold, and one number that none of them has. Set"
                        + " on odd seeds, judged on even ones.")
                .table(
                        List.of("number", "signature", "its threshold", "set here", "false alarms", "misses"),
                        fitted(odd, even))
                .section("Pictures")
                .paragraph("Means over seeds and macro-batches of 8 steps. Good: " + Settings.rate(GOOD_RATE)
                        + ". Bad: " + Settings.rate(BAD_RATE) + ". " + Settings.text(runs.seeds()));
        List<Chart> charts = charts(runs);
        charts.forEach(chart -> page.image(chart.title(), "images/" + chart.id() + ".svg"));
        page.section("Again").paragraph(Settings.AGAIN).code(Settings.command(rates.name()));
        return new Result(page.toString(), charts, List.of(), advice);
    }

    private Part part(Runs runs, int remainder) {
        Part part = new Part(new ArrayList<>(), new ArrayList<>());
        for (Trial.Method method : Trial.Method.values()) {
            for (int s = 0; s < runs.seeds(); s++) {
                if (runs.of(trials().get(0)).get(s).seed() % 2 == remainder) {
                    sort(runs, method, s, part);
                }
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
            (bad ? part.bad() : part.good()).add(runs.of(trial).get(s));
        }
    }

    private static double nll(Runs runs, Trial trial, int s) {
        return runs.of(trial).get(s).last().nll();
    }

    /** Good and bad runs by the signatures that were seen in them; under "any" those with a sign of failure. */
    private Map<String, int[]> shipped(Runs runs) {
        Map<String, int[]> counts = new TreeMap<>();
        for (int remainder : new int[] {0, 1}) {
            Part part = part(runs, remainder);
            for (Trial trial : trials()) {
                for (TrialResult run : runs.of(trial)) {
                    boolean bad = part.bad().contains(run);
                    if (bad || part.good().contains(run)) {
                        for (String signature : signatures(trial, run)) {
                            counts.computeIfAbsent(signature, name -> new int[2])[bad ? 1 : 0]++;
                        }
                    }
                }
            }
        }
        return counts;
    }

    private static List<String> signatures(Trial trial, TrialResult run) {
        String objective = trial.objective().name();
        TrainingPlan plan =
                new TrainingPlan(objective, trial.steps(), Trial.AGE, 0, trial.demonstrations(), PARAMETERS);
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

    private static String count(Part odd, Part even) {
        return (odd.good().size() + even.good().size()) + " good runs and "
                + (odd.bad().size() + even.bad().size()) + " bad ones.";
    }

    private static List<String> verdict(Map<String, int[]> shipped, Part odd, Part even) {
        int good = odd.good().size() + even.good().size();
        int bad = odd.bad().size() + even.bad().size();
        List<String> items = new ArrayList<>();
        if (shipped.isEmpty()) {
            items.add("None of the signatures fires in any run: no false alarm in " + good + " good runs, and all " + bad
                    + " bad ones are missed.");
        }
        shipped.forEach((name, counts) -> items.add(Shown.format(
                "`%s` fires in %.0f %% of the good runs and in %.0f %% of the bad ones: %s.",
                name,
                100.0 * counts[0] / good,
                100.0 * counts[1] / Math.max(1, bad),
                1.0 * counts[1] / Math.max(1, bad) > 2.0 * counts[0] / good
                        ? "it says something"
                        : "here it does not tell them apart")));
        Alarm best = best(odd, even);
        Alarm.Rates rates = best.rates(even.good(), even.bad(), best.fitted(odd.good(), odd.bad()));
        items.add(Shown.format(
                "What tells most, of the numbers below, is the %s: %.0f %% false alarms and %.0f %% misses on seeds"
                        + " that did not set its threshold.",
                best.name(), 100 * rates.falseAlarms(), 100 * rates.misses()));
        return items;
    }

    private static List<String> advice(Part odd, Part even) {
        Alarm best = best(odd, even);
        double threshold = best.fitted(odd.good(), odd.bad());
        Alarm.Rates rates = best.rates(even.good(), even.bad(), threshold);
        String trusted = rates.falseAlarms() + rates.misses() < 0.5
                ? Shown.format("Look at the %s: above %.2f the rate is probably too high.", best.name(), threshold)
                : "Do not judge a rate by the metrics of its steps: no number that was tried tells good runs from bad.";
        return List.of(
                trusted,
                "Evaluate on held-out data during the run. It is what defines a bad run here, and it costs a few"
                        + " forward passes.");
    }

    /** The number with the fewest errors on the even seeds. */
    private static Alarm best(Part odd, Part even) {
        return Alarm.ALL.stream()
                .min(Comparator.comparingDouble(alarm -> {
                    Alarm.Rates rates = alarm.rates(odd.good(), odd.bad(), alarm.fitted(odd.good(), odd.bad()));
                    return rates.falseAlarms() + rates.misses();
                }))
                .orElseThrow();
    }

    private static List<List<String>> shippedRows(Map<String, int[]> shipped, Part odd, Part even) {
        int good = odd.good().size() + even.good().size();
        int bad = odd.bad().size() + even.bad().size();
        List<List<String>> rows = new ArrayList<>();
        shipped.forEach((name, counts) -> rows.add(List.of(
                "`" + name + "`", counts[0] + " of " + good, counts[1] + " of " + bad)));
        return rows;
    }

    private static List<List<String>> fitted(Part odd, Part even) {
        List<List<String>> rows = new ArrayList<>();
        for (Alarm alarm : Alarm.ALL) {
            double threshold = alarm.fitted(odd.good(), odd.bad());
            Alarm.Rates rates = alarm.rates(even.good(), even.bad(), threshold);
            rows.add(List.of(
                    alarm.name(),
                    alarm.signature().isEmpty() ? "" : "`" + alarm.signature() + "`",
                    Double.isNaN(alarm.shipped()) ? "" : Shown.format("%.1f", alarm.shipped()),
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

    private static Chart.Line line(
            Runs runs, String name, int colour, boolean dashed, Trial trial, String quantity) {
        int points = trial.steps() / Trial.AGE;
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
