package io.github.psft4j.examples.experiment.kit;

import io.github.psft4j.examples.experiment.run.Settings;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.monitor.report.Chart;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Rows, lines and claims that several pages have. */
public final class Tables {

    private static final List<Quantity> COLUMNS = List.of(
            Quantity.OTHERS,
            Quantity.ADDITIONS,
            Quantity.NLL,
            Quantity.SAMPLE_ENTROPY,
            Quantity.TARGET_ENTROPY,
            Quantity.GRAD_NORM,
            Quantity.CLIP_FRACTION);

    /** Heading of {@link #difference}. */
    public static final List<String> DIFFERENCES =
            List.of("", "other skills, points", "unseen additions, points", "entropy, own samples", "grad norm");

    private Tables() {}

    public static List<String> heading(String first) {
        List<String> heading = new ArrayList<>(List.of(first));
        COLUMNS.forEach(quantity -> heading.add(quantity.label()));
        return heading;
    }

    /** A row of means for each trial. */
    public static List<List<String>> rows(Runs runs, List<Trial> trials) {
        List<List<String>> rows = new ArrayList<>();
        for (Trial trial : trials) {
            List<String> row = new ArrayList<>(List.of(Settings.words(trial)));
            COLUMNS.forEach(quantity -> row.add(quantity.shown(runs.mean(trial, quantity))));
            rows.add(row);
        }
        return rows;
    }

    /** Other skills, additions, entropy and grad norm of {@code second - first}. */
    public static List<String> difference(String name, Runs runs, Trial first, Trial second) {
        List<String> row = new ArrayList<>(List.of(name));
        for (Quantity quantity :
                List.of(Quantity.OTHERS, Quantity.ADDITIONS, Quantity.SAMPLE_ENTROPY, Quantity.GRAD_NORM)) {
            row.add(quantity.difference(runs.difference(first, second, quantity)));
        }
        return row;
    }

    public static Chart chart(String study, Quantity quantity, Chart.Horizontal horizontal, List<Chart.Line> lines) {
        Chart.Scale scale = quantity.isShare() ? Chart.Scale.FROM_ZERO : Chart.Scale.LOGARITHMIC;
        String id = study + "-" + quantity.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return new Chart(id, quantity.label(), quantity.unit(), scale, lines, horizontal);
    }

    public static Chart.Line line(
            String name, int colour, Runs runs, List<Trial> trials, ToDoubleFunction<Trial> x, Quantity quantity) {
        List<Estimate> values =
                trials.stream().map(trial -> runs.mean(trial, quantity)).toList();
        return new Chart.Line(
                name,
                colour,
                false,
                trials.stream().mapToDouble(x).toArray(),
                values.stream().mapToDouble(Estimate::value).toArray(),
                values.stream().mapToDouble(Estimate::half).toArray());
    }

    public static Study.Claim claim(String paper, Verdict verdict) {
        return new Study.Claim(
                paper,
                "\"" + verdict.claim() + "\" " + verdict.count(),
                verdict.kind().toString());
    }
}
