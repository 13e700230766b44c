package io.github.psft4j.examples;

import io.github.psft4j.examples.evaluation.Measurement;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.report.RunComparison;
import io.github.psft4j.examples.report.RunHistory;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The comparison of the quick start over several learning rates and seeds.
 *
 * <p>Prints a Markdown table. It has the mean and standard deviation over the seeds of every quantity. It also has the
 * mean difference PSFT - SFT with its standard error over the seeds.
 */
@Command(
        name = "LearningRateSweep",
        description = "The comparison of the quick start over several learning rates and seeds.")
public final class LearningRateSweep extends ComparisonProgram {

    private static final int EVALUATIONS = 6; // of each run, on the way

    private static final List<Column> COLUMNS = List.of(
            new Column("addition", 3, scores(SkillScores::inDomain)),
            new Column("held-out NLL", 3, scores(SkillScores::nll)),
            new Column("lowest NLL", 3, run -> run.lowestNll().nll().value()),
            new Column("entropy, targets", 3, scores(SkillScores::targetEntropy)),
            new Column("entropy, samples", 3, scores(SkillScores::sampleEntropy)),
            new Column("other skills", 3, scores(SkillScores::outOfDomain)),
            new Column("grad norm", 3, RunHistory::finalGradNorm),
            new Column("clip fraction", 4, RunHistory::meanClipFraction));

    @Option(names = "--lr", split = ",", paramLabel = "RATE", description = "Learning rates, comma-separated.")
    private String[] learningRates = {"1e-4", "3e-4", "1e-3"};

    @Option(names = "--seeds", split = ",", paramLabel = "N", description = "Seeds, comma-separated.")
    private long[] seeds = {1, 2, 3};

    @Option(names = "--out", paramLabel = "DIR", description = "Where everything is written.")
    private Path out = Path.of("runs", "learning-rate-sweep");

    private LearningRateSweep() {}

    private record Column(String name, int decimals, ToDoubleFunction<RunHistory> value) {

        double[] of(List<RunComparison> comparisons, Function<RunComparison, RunHistory> run) {
            return comparisons.stream().map(run).mapToDouble(value).toArray();
        }
    }

    /** Runs with the arguments listed by {@code --help}. */
    public static void main(String[] args) {
        new LearningRateSweep().start(args);
    }

    @Override
    void run() throws IOException {
        StringBuilder table = new StringBuilder(heading());
        for (String learningRate : learningRates) {
            List<RunComparison> comparisons = new ArrayList<>();
            for (long seed : seeds) {
                Path directory = out.resolve("lr" + learningRate + "-seed" + seed);
                comparisons.add(Quickstart.compareAndWrite(
                        options(Double.parseDouble(learningRate), seed, EVALUATIONS, directory)));
            }
            table.append(rows(learningRate, comparisons));
            Files.writeString(out.resolve("table.md"), table);
        }
        System.out.println("\n" + table);
    }

    private static String heading() {
        StringBuilder heading = new StringBuilder("| lr | run |");
        COLUMNS.forEach(column -> heading.append(' ').append(column.name()).append(" |"));
        return heading + "\n|---|---|" + "---|".repeat(COLUMNS.size()) + "\n";
    }

    private static String rows(String learningRate, List<RunComparison> comparisons) {
        String sft = "| " + learningRate + " | SFT |";
        String psft = "| " + learningRate + " | PSFT |";
        String difference = "| " + learningRate + " | PSFT - SFT |";
        for (Column column : COLUMNS) {
            double[] a = column.of(comparisons, RunComparison::sft);
            double[] b = column.of(comparisons, RunComparison::psft);
            double[] d = new double[a.length];
            Arrays.setAll(d, i -> b[i] - a[i]);
            String number = "%." + column.decimals() + "f";
            sft += format(" " + number + " (" + number + ") |", mean(a), deviation(a));
            psft += format(" " + number + " (" + number + ") |", mean(b), deviation(b));
            double standardError = deviation(d) / Math.sqrt(d.length);
            difference += format(" %+." + column.decimals() + "f +- " + number + " |", mean(d), standardError);
        }
        return sft + "\n" + psft + "\n" + difference + "\n";
    }

    private static String format(String format, double first, double second) {
        return Shown.format(format, first, second);
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    /** Standard deviation of a sample; NaN for a single value. */
    private static double deviation(double[] values) {
        double mean = mean(values);
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return Math.sqrt(squares / (values.length - 1));
    }

    private static ToDoubleFunction<RunHistory> scores(Function<SkillScores, Measurement> quantity) {
        return run -> quantity.apply(run.last()).value();
    }
}
