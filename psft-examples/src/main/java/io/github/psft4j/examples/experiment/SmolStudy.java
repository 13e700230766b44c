package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Estimate;
import io.github.psft4j.examples.experiment.kit.Page;
import io.github.psft4j.examples.experiment.kit.PaperClaims;
import io.github.psft4j.examples.experiment.kit.Study;
import io.github.psft4j.examples.experiment.kit.Tables;
import io.github.psft4j.examples.experiment.kit.Verdict;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.SmolTrial;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.io.Shown;
import io.github.psft4j.monitor.report.Chart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** SFT and PSFT of a small language model on few demonstrations of maths, for several epochs: the second bed. */
final class SmolStudy implements Study {

    static final String NAME = "smollm2";

    /** SFT's rate of the paper. */
    private static final double RATE = 2e-5;

    /** PSFT's rate of the paper. */
    private static final double LOW = 1e-6;

    private static final double LARGE = 1e-4;

    /** What PSFT may lose of the held-out NLL and still learn "as well", nats/token; fixed before the runs. */
    private static final double MARGIN = 0.01;

    /** Where the last part of a run begins. */
    private static final double TAIL = 0.9;

    private static final List<Comparison> COMPARISONS = List.of(
            new Comparison("SFT 2e-5 with PSFT 1e-6", RATE, LOW),
            new Comparison("equal 2e-5", RATE, RATE),
            new Comparison("equal 1e-4", LARGE, LARGE));

    /** Rates that are compared. */
    private record Comparison(String name, double sftRate, double psftRate) {

        SmolTrial sft() {
            return new SmolTrial(Trial.Method.SFT, sftRate);
        }

        SmolTrial psft() {
            return new SmolTrial(Trial.Method.PSFT, psftRate);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String question() {
        return "A language model of 135 M parameters";
    }

    @Override
    public List<SmolTrial> planned(ResultFiles files) {
        return trials();
    }

    private static List<SmolTrial> trials() {
        List<SmolTrial> trials = new ArrayList<>(List.of(SmolTrial.BASE));
        for (Comparison pair : COMPARISONS) {
            for (SmolTrial trial : List.of(pair.sft(), pair.psft())) {
                if (!trials.contains(trial)) {
                    trials.add(trial);
                }
            }
        }
        return trials;
    }

    @Override
    public int seeds() {
        return 1;
    }

    @Override
    public Result result(ResultFiles files) throws IOException {
        SmolRuns runs = new SmolRuns(files, trials());
        Verdict forgets = over("PSFT drifts less from the base model", runs, SmolQuantity.KL, -1, 0);
        Verdict chats = over("PSFT loses less on general chats", runs, SmolQuantity.CHATS, -1, 0);
        Verdict choices = over("PSFT answers more multiple choices rightly", runs, SmolQuantity.CHOICES, 1, 0);
        Verdict entropy = over("PSFT keeps entropy up", runs, SmolQuantity.ENTROPY, 1, 0);
        Verdict learns = over(
                "PSFT learns the task as well (NLL at most " + MARGIN + " higher)", runs, SmolQuantity.NLL, -1, MARGIN);
        List<Verdict> verdicts = List.of(forgets, chats, choices, entropy, learns);
        List<String> advice = advice(runs, forgets, learns);
        List<Chart> charts = charts(runs);
        Page page = SmolPage.begin(verdicts.stream().map(Verdict::sentence).toList(), advice)
                .section("Results")
                .paragraph(SmolPage.bed(MARGIN))
                .table(heading(), rows(runs))
                .paragraph("PSFT - SFT, paired by row; * where the interval leaves 0 out:")
                .table(differencesHeading(), differences(runs));
        charts.forEach(chart -> page.image(chart.title(), "images/" + chart.id() + ".svg"));
        SmolPage.end(page);
        return new Result(
                page.toString(),
                charts,
                List.of(
                        Tables.claim(PaperClaims.OUT_OF_DOMAIN, forgets),
                        Tables.claim(PaperClaims.ENTROPY, entropy),
                        Tables.claim(PaperClaims.IN_DOMAIN, learns)),
                advice);
    }

    private static Verdict over(String claim, SmolRuns runs, SmolQuantity quantity, int sign, double margin) {
        Verdict verdict = new Verdict(claim);
        for (Comparison pair : COMPARISONS) {
            runs.difference(pair.sft(), pair.psft(), quantity).ifPresent(e -> {
                Estimate own = sign > 0 ? e : e.negated();
                verdict.when("at " + pair.name(), own.plus(margin));
            });
        }
        return verdict;
    }

    private static List<String> advice(SmolRuns runs, Verdict forgets, Verdict learns) {
        List<String> advice = new ArrayList<>();
        for (Comparison pair : COMPARISONS) {
            Optional<Estimate> kl = runs.difference(pair.sft(), pair.psft(), SmolQuantity.KL);
            Optional<Estimate> nll = runs.difference(pair.sft(), pair.psft(), SmolQuantity.NLL);
            if (kl.isPresent() && nll.isPresent()) {
                String drift = side(
                        kl.get(),
                        "PSFT drifts less from the base",
                        "PSFT drifts more from the base",
                        "both drift as far from the base");
                String learned = side(nll.get(), "learns more", "learns less", "learns as much");
                advice.add("At " + pair.name() + " " + drift + " (KL " + SmolQuantity.KL.difference(kl.get())
                        + " nats/token) and " + learned + " (held-out NLL "
                        + SmolQuantity.NLL.difference(nll.get()) + ").");
            }
        }
        if (advice.isEmpty()) {
            return List.of("Not measured: no advice.");
        }
        List<String> better = COMPARISONS.stream()
                .map(pair -> "at " + pair.name())
                .filter(name ->
                        forgets.holding().contains(name) && learns.holding().contains(name))
                .toList();
        advice.add(
                better.isEmpty()
                        ? "Choose the rate first: nowhere here does PSFT drift less and learn as well."
                        : "PSFT drifts less and learns as well " + String.join(", ", better)
                                + ": try it there. A lower rate with SFT may drift less still; the table has both.");
        return advice;
    }

    private static String side(Estimate e, String lower, String higher, String neither) {
        return e.isNegative() ? lower : e.isPositive() ? higher : neither;
    }

    private static List<String> heading() {
        List<String> heading = new ArrayList<>(List.of("rate, method"));
        for (SmolQuantity quantity : SmolQuantity.values()) {
            heading.add(quantity.label());
        }
        heading.addAll(List.of("grad norm", "clip fraction", "NLL in training", "minutes"));
        return heading;
    }

    private static List<List<String>> rows(SmolRuns runs) {
        List<List<String>> rows = new ArrayList<>();
        for (SmolTrial trial : trials()) {
            runs.of(trial).ifPresent(run -> {
                List<String> row = new ArrayList<>(List.of(trial.words()));
                for (SmolQuantity quantity : SmolQuantity.values()) {
                    row.add(quantity.shown(runs.mean(trial, quantity)));
                }
                row.add(number("%.3f", run.meanOfSteps("gradNorm", TAIL)));
                row.add(number("%.1f %%", 100 * run.meanOfSteps("clip", 0)));
                row.add(number("%.3f", run.meanOfSteps("nll", TAIL)));
                row.add(Shown.format("%.1f", run.seconds() / 60));
                rows.add(row);
            });
        }
        return rows;
    }

    private static String number(String format, double value) {
        return Double.isNaN(value) ? "" : Shown.format(format, value);
    }

    private static List<String> differencesHeading() {
        List<String> heading = new ArrayList<>(List.of(""));
        for (SmolQuantity quantity : SmolQuantity.values()) {
            heading.add(quantity.label());
        }
        return heading;
    }

    private static List<List<String>> differences(SmolRuns runs) {
        List<List<String>> rows = new ArrayList<>();
        for (Comparison pair : COMPARISONS) {
            List<String> row = new ArrayList<>(List.of(pair.name()));
            for (SmolQuantity quantity : SmolQuantity.values()) {
                runs.difference(pair.sft(), pair.psft(), quantity).ifPresent(e -> row.add(quantity.difference(e)));
            }
            if (row.size() > 1) {
                rows.add(row);
            }
        }
        return rows;
    }

    private static List<Chart> charts(SmolRuns runs) {
        List<Chart> charts = new ArrayList<>();
        add(charts, runs, "nll", "NLL in training", "nats/token", Chart.Scale.FITTED);
        add(charts, runs, "entropy", "Entropy at the trained tokens", "nats/token", Chart.Scale.FITTED);
        add(charts, runs, "clip", "Clip fraction", "share", Chart.Scale.FROM_ZERO);
        return charts;
    }

    private static void add(
            List<Chart> charts, SmolRuns runs, String quantity, String title, String unit, Chart.Scale scale) {
        List<Chart.Line> lines = new ArrayList<>();
        List<SmolTrial> trials = trials();
        for (int t = 1; t < trials.size(); t++) {
            SmolTrial trial = trials.get(t);
            int colour = t - 1;
            runs.of(trial)
                    .ifPresent(run -> lines.add(line(trial, colour, run.steps().get(quantity))));
        }
        if (!lines.isEmpty()) {
            charts.add(new Chart(NAME + "-" + quantity, title, unit, scale, lines));
        }
    }

    /** Means of {@link SmolTrial#K} steps, that is of the age of pi_old. */
    private static Chart.Line line(SmolTrial trial, int colour, int[] values) {
        int points = values.length / SmolTrial.K;
        double[] x = new double[points];
        double[] y = new double[points];
        for (int p = 0; p < points; p++) {
            double sum = 0;
            for (int i = p * SmolTrial.K; i < (p + 1) * SmolTrial.K; i++) {
                sum += values[i];
            }
            x[p] = (p + 1) * SmolTrial.K;
            y[p] = 1e-4 * sum / SmolTrial.K;
        }
        return new Chart.Line(trial.words(), colour, trial.method() == Trial.Method.SFT, x, y);
    }
}
