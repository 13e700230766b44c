package io.github.psft4j.monitor.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.io.Shown;
import io.github.psft4j.monitor.event.StepField;
import io.github.psft4j.monitor.files.RunDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Any number of runs on one page, read from what they wrote into their directories. The page has a table of results,
 * curves, warnings, most-clipped tokens and sample generations. Runs may be finished or still going on.
 */
public final class RunReport {

    /** Runs of more steps than this start with smoothed curves, as in TensorBoard. */
    private static final int SMOOTHED_FROM = 100;

    private static final double SMOOTHING = 0.6;

    /** Rows of the table of clipped tokens. */
    private static final int CLIPPED_TOKENS = 25;

    private static final Set<String> STEP_FIELDS =
            Arrays.stream(StepField.values()).map(StepField::label).collect(Collectors.toSet());

    private static final Set<String> EVALUATION_FIELDS =
            Set.of("step", "nll", "perplexity", "entropy", "tokens", "seconds", "samples");

    private final List<RunData> runs;
    private final List<String> names;

    private RunReport(List<RunData> runs) {
        this.runs = runs;
        this.names = names(runs.stream().map(RunData::directory).toList());
    }

    /**
     * Reads the runs and writes the page.
     *
     * @param runDirs directories that hold a {@code metrics.jsonl} each, at least one
     * @param html file to write; its directory is created
     * @throws IllegalArgumentException if a directory is not that of a run or a file in it is damaged
     * @throws java.io.UncheckedIOException naming the file that cannot be read or written
     */
    public static void write(List<Path> runDirs, Path html) {
        read(runDirs).page().write(html);
    }

    /** Reads the runs; see {@link #write}. */
    public static RunReport read(List<Path> runDirs) {
        if (runDirs.isEmpty()) {
            throw new IllegalArgumentException("a report needs the directory of at least one run");
        }
        return new RunReport(runDirs.stream().map(RunData::read).toList());
    }

    /** Names of the runs, in the order of their directories: as few last path elements as tell them apart. */
    public List<String> names() {
        return names;
    }

    private static List<String> names(List<Path> directories) {
        for (int length = 1; ; length++) {
            List<String> names = new ArrayList<>();
            boolean whole = true;
            for (Path directory : directories) {
                Path path = directory.toAbsolutePath().normalize();
                int n = path.getNameCount();
                whole &= length >= n;
                names.add(
                        n == 0
                                ? path.toString()
                                : path.subpath(Math.max(0, n - length), n).toString());
            }
            if (whole || names.stream().distinct().count() == names.size()) {
                return List.copyOf(names);
            }
        }
    }

    /** The curves; those that no run has are left out. */
    public List<Chart> charts() {
        List<Chart> charts = new ArrayList<>(List.of(
                curve("nll", "Negative log-likelihood of the trained tokens", "nats/token", Chart.Scale.LOGARITHMIC),
                evaluation("nll", "Held-out negative log-likelihood", "nats/token", Chart.Scale.LOGARITHMIC),
                curve("entropy", "Entropy at the trained tokens", "nats/token", Chart.Scale.FROM_ZERO),
                evaluation("entropy", "Held-out entropy", "nats/token", Chart.Scale.FROM_ZERO),
                curve("clip_fraction", "Tokens stopped by the clip", "share of trained tokens", Chart.Scale.FROM_ZERO),
                curve("grad_norm", "Gradient norm before clipping", "norm", Chart.Scale.LOGARITHMIC),
                curve("mean_ratio", "Mean ratio of new to old policy", "ratio", Chart.Scale.LOGARITHMIC),
                curve("approx_kl", "Old minus new log-prob", "nats/token", Chart.Scale.FITTED),
                curve("mean_coefficient", "Mean gradient coefficient", "factor", Chart.Scale.FITTED),
                curve("loss", "Objective value", "as minimised; -1 at ratio 1 for PSFT", Chart.Scale.FITTED),
                curve("lr", "Learning rate", "per step", Chart.Scale.FROM_ZERO),
                curve("tokens_per_second", "Speed", "tokens/s, prompts included", Chart.Scale.FROM_ZERO)));
        for (String name : RunData.others(runs.stream().map(RunData::steps).toList(), STEP_FIELDS)) {
            charts.add(curve(name, name.replace('_', ' '), "measured by the method", Chart.Scale.FITTED));
        }
        for (String name :
                RunData.others(runs.stream().map(RunData::evaluations).toList(), EVALUATION_FIELDS)) {
            charts.add(evaluation(
                    name, "Held-out " + name.replace('_', ' '), "measured by the method", Chart.Scale.FITTED));
        }
        List<List<JsonNode>> tasks = runs.stream().map(RunData::tasks).toList();
        for (String name : RunData.others(tasks, Set.of("step", "seconds"))) {
            if (!name.endsWith(RunDirectory.STDERR)) {
                String id = "task-" + name.replaceAll("[^A-Za-z0-9]+", "-");
                charts.add(chart(id, name, "Task " + name, "mean over questions", Chart.Scale.FITTED, tasks));
            }
        }
        charts.removeIf(chart -> chart.drawable().isEmpty());
        return charts;
    }

    private Chart curve(String field, String title, String unit, Chart.Scale scale) {
        List<List<JsonNode>> rows = runs.stream().map(RunData::steps).toList();
        return chart(field, field, title, unit, scale, rows);
    }

    private Chart evaluation(String field, String title, String unit, Chart.Scale scale) {
        List<List<JsonNode>> rows = runs.stream().map(RunData::evaluations).toList();
        return chart("held-out-" + field, field, title, unit, scale, rows);
    }

    private Chart chart(
            String id, String field, String title, String unit, Chart.Scale scale, List<List<JsonNode>> rows) {
        List<Chart.Line> lines = IntStream.range(0, runs.size())
                .mapToObj(i -> new Chart.Line(
                        names.get(i),
                        i,
                        false,
                        RunData.column(rows.get(i), "step"),
                        RunData.column(rows.get(i), field)))
                .toList();
        return new Chart(id.replace('_', '-'), title, unit, scale, lines);
    }

    /** The page. */
    public ReportPage page() {
        boolean smoothed = runs.stream().anyMatch(run -> run.steps().size() > SMOOTHED_FROM);
        String title = runs.size() == 1 ? "Run " + names.get(0) : "Comparison of " + runs.size() + " runs";
        ReportPage page = new ReportPage(
                title,
                "Every number is measured on the mini-batch of its step, before the update. Runs are compared "
                        + "by NLL and"
                        + " by held-out NLL; the objective value of PSFT is -1 by construction while the ratio is 1.",
                names,
                smoothed ? SMOOTHING : 0);
        page.heading(runs.size() == 1 ? "Result" : "Results").numbers(RESULT_HEADING, results());
        page.note("Means over the last tenth of the steps; clip fraction over all; speed: median." + lengths());
        warnings(page);
        overlaps(page);
        page.heading("On the way").charts(charts());
        clippedTokens(page);
        samples(page);
        rollouts(page);
        return page;
    }

    /** A sentence if the runs do not end at the same step. */
    private String lengths() {
        List<String> last = runs.stream().map(RunReport::lastStep).toList();
        return last.stream().distinct().count() < 2
                ? ""
                : " The runs have different lengths (" + String.join(", ", last)
                        + " steps), so the table compares different points of training.";
    }

    private static String lastStep(RunData run) {
        int n = run.steps().size();
        return n == 0 ? "0" : run.steps().get(n - 1).path("step").asText();
    }

    private static final List<String> RESULT_HEADING = List.of(
            "run",
            "objective",
            "steps",
            "NLL, nats/token",
            "lowest held-out NLL",
            "entropy, nats/token",
            "clip fraction",
            "grad norm",
            "tokens/s",
            "skipped");

    private List<List<String>> results() {
        return IntStream.range(0, runs.size())
                .mapToObj(i -> result(names.get(i), runs.get(i)))
                .toList();
    }

    private static List<String> result(String name, RunData run) {
        int n = run.steps().size();
        double[] speeds =
                RunData.finite(run.steps(), "tokens_per_second").sorted().toArray();
        double lowest = RunData.finite(run.evaluations(), "nll").min().orElse(Double.NaN);
        double clipped = RunData.finite(run.steps(), "clip_fraction").average().orElse(Double.NaN);
        JsonNode last = n == 0 ? null : run.steps().get(n - 1);
        return List.of(
                name,
                n == 0 ? "" : last.path("objective").asText(),
                lastStep(run),
                number("%.4f", run.finalMean("nll")),
                number("%.4f", lowest),
                number("%.4f", run.finalMean("entropy")),
                number("%.2f %%", 100 * clipped),
                number("%.3g", run.finalMean("grad_norm")),
                number("%,.0f", speeds.length == 0 ? Double.NaN : speeds[speeds.length / 2]),
                n == 0 ? "" : last.path("skipped").asText());
    }

    private static String number(String format, double value) {
        return Double.isFinite(value) ? Shown.format(format, value) : "";
    }

    private void warnings(ReportPage page) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            for (JsonNode warning : runs.get(i).warnings()) {
                rows.add(row(names.get(i), warning, "step", "signature", "observation", "remedy"));
            }
        }
        if (!rows.isEmpty()) {
            page.heading("Warnings").texts(List.of("run", "step", "signature", "observed", "what to change"), rows);
        }
    }

    private void overlaps(ReportPage page) {
        List<List<String>> counts = new ArrayList<>();
        List<List<String>> examples = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            JsonNode overlap = RunData.document(new RunDirectory(runs.get(i).directory()).overlap());
            if (overlap != null) {
                counts.addAll(OverlapRows.counts(names.get(i), overlap));
                examples.addAll(OverlapRows.examples(names.get(i), overlap));
            }
        }
        if (!counts.isEmpty()) {
            page.heading("Held-out rows in the training data").texts(OverlapRows.COUNTS, counts);
        }
        if (!examples.isEmpty()) {
            page.texts(OverlapRows.EXAMPLES, examples);
        }
    }

    private static List<String> row(String name, JsonNode node, String... fields) {
        List<String> row = new ArrayList<>(List.of(name));
        for (String field : fields) {
            row.add(node.path(field).asText());
        }
        return row;
    }

    private void clippedTokens(ReportPage page) {
        for (int i = 0; i < runs.size(); i++) {
            JsonNode report = runs.get(i).clippedTokens();
            if (report == null || report.path("tokens").isEmpty()) {
                continue;
            }
            List<List<String>> rows = new ArrayList<>();
            for (JsonNode token : report.path("tokens")) {
                if (rows.size() < CLIPPED_TOKENS) {
                    rows.add(clippedToken(token));
                }
            }
            page.heading("Most-clipped tokens of " + names.get(i)).texts(CLIPPED_HEADING, rows);
            int after = report.path("after_step").asInt();
            page.note("The clip stopped " + report.path("clipped").asText() + " of "
                    + report.path("trained").asText() + " trained tokens"
                    + (after > 0 ? " after step " + after + ", from which the run was resumed" : "")
                    + ". The context ends before the token; of each"
                    + " token the occurrences with the highest ratios are kept.");
        }
    }

    private static final List<String> CLIPPED_HEADING =
            List.of("token", "clipped", "of its occurrences", "mean ratio when clipped", "highest", "contexts");

    private static List<String> clippedToken(JsonNode token) {
        List<String> contexts = new ArrayList<>();
        for (JsonNode context : token.path("contexts")) {
            contexts.add("..." + context.path("before").asText() + " ["
                    + token.path("text").asText() + "]");
        }
        double share = token.path("clipped").asDouble() / token.path("trained").asDouble();
        return List.of(
                visible(token.path("text").asText()),
                token.path("clipped").asText(),
                number("%.1f %%", 100 * share),
                ratio(token.path("mean_ratio").asDouble()),
                ratio(token.path("max_ratio").asDouble()),
                String.join("\n", contexts));
    }

    private static String ratio(double value) {
        return number(value < 100 ? "%.2f" : "%,.0f", value);
    }

    /** Blanks are tokens, too. */
    private static String visible(String token) {
        return token.replace(" ", "\u2423").replace("\n", "\u23ce").replace("\t", "\u21e5");
    }

    private void samples(ReportPage page) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            List<JsonNode> evaluations = runs.get(i).evaluations();
            for (int e : firstAndLast(evaluations.size())) {
                JsonNode evaluation = evaluations.get(e);
                for (JsonNode sample : evaluation.path("samples")) {
                    rows.add(List.of(
                            names.get(i),
                            evaluation.path("step").asText(),
                            sample.path("prompt").asText(),
                            sample.path("continuation").asText()));
                }
            }
        }
        if (!rows.isEmpty()) {
            page.heading("Samples at the first and the last evaluation")
                    .texts(List.of("run", "step", "prompt", "continuation"), rows);
        }
    }

    private void rollouts(ReportPage page) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            rows.addAll(SampleRows.of(names.get(i), new RunDirectory(runs.get(i).directory()).samples()));
        }
        if (!rows.isEmpty()) {
            page.heading("Samples of the first and the last rollout").texts(SampleRows.HEADING, rows);
            page.note("samples.jsonl of the run has all of them.");
        }
    }

    private static List<Integer> firstAndLast(int n) {
        return n == 0 ? List.of() : n == 1 ? List.of(0) : List.of(0, n - 1);
    }
}
