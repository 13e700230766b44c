package io.github.psft4j.examples;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.examples.evaluation.SkillEvaluation;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.examples.report.Commentary;
import io.github.psft4j.examples.report.HtmlReport;
import io.github.psft4j.examples.report.Pictures;
import io.github.psft4j.examples.report.QuickstartCharts;
import io.github.psft4j.examples.report.ResultTable;
import io.github.psft4j.examples.report.RunComparison;
import io.github.psft4j.examples.report.RunHistory;
import io.github.psft4j.examples.skills.AnswerStyle;
import io.github.psft4j.examples.skills.SkillCorpus;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.JsonlMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The quick start: fine-tunes a small base model on additions in a format that is new to it. It does so once with SFT
 * and once with PSFT, and reports what each gained and what each forgot.
 *
 * <p>Both runs share base model, demonstrations, order and learning rate. Everything is written below one directory. It
 * holds the base model and both results as Hugging Face directories, metrics per step, the table with its commentary,
 * plots and an HTML report.
 */
@Command(
        name = "Quickstart",
        description = "Fine-tunes a small model once with SFT and once with PSFT and compares them.")
public final class Quickstart extends Program {

    private static final int TEXT_WIDTH = 100;

    @Option(names = "--steps", paramLabel = "N", description = "Optimizer steps of each run.")
    private int steps = Trial.STEPS;

    @Option(names = "--clip", paramLabel = "WIDTH", description = "Upper clip width of PSFT.")
    private double clipHigh = Trial.CLIP;

    @Option(names = "--problems", paramLabel = "N", description = "Held-out problems per skill.")
    private int problems = 200;

    @Option(names = "--model", paramLabel = "DIR", description = "Base model; without it, the one in the jar.")
    private Path model;

    @Option(names = "--lr", paramLabel = "RATE", defaultValue = "1e-4", description = "Learning rate of both runs.")
    private double learningRate;

    @Option(names = "--seed", paramLabel = "N", description = "Choice and order of the demonstrations.")
    private long seed = 1;

    @Option(names = "--evaluations", paramLabel = "N", description = "Evaluations on the way, per run.")
    private int evaluations = 5;

    @Option(names = "--out", paramLabel = "DIR", description = "Where everything is written.")
    private Path out = Path.of("runs", "quickstart");

    Quickstart() {}

    /** Runs with the arguments listed by {@code --help}. */
    public static void main(String[] args) {
        new Quickstart().start(args);
    }

    @Override
    void run() throws IOException {
        QuickstartOptions options = made(this::options);
        compareAndWrite(options);
        System.out.println("Report: " + options.out().resolve("report.html").toAbsolutePath());
    }

    /** The settings of a command line. */
    static QuickstartOptions parse(String... args) {
        Quickstart program = new Quickstart();
        program.commandLine().parseArgs(args);
        return program.made(program::options);
    }

    private QuickstartOptions options() {
        return new QuickstartOptions(learningRate, steps, seed, clipHigh, evaluations, problems, model, out);
    }

    /** Trains and evaluates both runs, prints the table with its commentary and writes all files. */
    static RunComparison compareAndWrite(QuickstartOptions options) throws IOException {
        Environment.prepare();
        RunComparison comparison = compare(options);
        String text = text(comparison);
        System.out.println("\n" + text);
        write(comparison, text, options.out());
        return comparison;
    }

    private static RunComparison compare(QuickstartOptions options) throws IOException {
        Path out = options.out();
        Path directory = options.model() != null ? options.model() : BaseModel.extractTo(out.resolve("base"));
        long started = System.nanoTime();
        try (Progress progress = new Progress("quick start", work(options))) {
            SkillEvaluation evaluation =
                    new SkillEvaluation(options.problems(), options.samples(), QuickstartOptions.PROBLEM_SEED);
            CausalLm model = CausalLm.load(directory);
            List<Demonstration> demonstrations = demonstrations(model.tokenizer(), options.seed());
            SkillScores base = evaluation.evaluate(model, 0, progress.evaluationOf("base"));

            FineTuning tuning = new FineTuning(options, demonstrations, evaluation, base, progress);
            TokenObjective plain = new SftObjective();
            RunHistory sft = tuneAndSave(tuning, "SFT", plain, directory, out.resolve("sft"));
            TokenObjective clipped = new PsftObjective(QuickstartOptions.CLIP_LOW, options.clipHigh());
            RunHistory psft = tuneAndSave(tuning, "PSFT", clipped, directory, out.resolve("psft"));
            RunComparison.Speeds speeds = new SpeedInTurn(directory, demonstrations).measure(plain, clipped);
            double seconds = (System.nanoTime() - started) / 1e9;
            return new RunComparison(sft, psft, speeds, options.described(), Environment.described(seconds));
        }
    }

    /** The additions of {@code seed} in the new format. */
    static List<Demonstration> demonstrations(Tokenizer tokenizer, long seed) {
        return SkillCorpus.fineTuning(QuickstartOptions.DEMONSTRATIONS, seed).stream()
                .map(problem -> SkillCorpus.demonstration(problem, AnswerStyle.BRACKETED, tokenizer))
                .toList();
    }

    private static RunHistory tuneAndSave(
            FineTuning tuning, String name, TokenObjective objective, Path base, Path directory) {
        CausalLm model = CausalLm.load(base);
        RunHistory history = tuning.run(name, objective, model, new JsonlMetrics(directory.resolve("metrics.jsonl")));
        model.save(directory);
        return history;
    }

    private static long work(QuickstartOptions options) {
        long evaluations = 0;
        for (int step = 1; step <= options.steps(); step++) {
            evaluations += options.evaluatesAfter(step) ? 1 : 0;
        }
        long parts = (1 + 2 * evaluations) * SkillEvaluation.PARTS;
        return 2L * options.steps() * Progress.STEP + parts * Progress.EVALUATION_PART;
    }

    private static String text(RunComparison comparison) {
        return new ResultTable(comparison).toText() + ResultTable.LEGEND + "\n\n"
                + new Commentary(comparison).toText(TEXT_WIDTH);
    }

    private static void write(RunComparison comparison, String text, Path out) throws IOException {
        Files.writeString(out.resolve("results.txt"), text);
        HtmlReport.write(comparison, out.resolve("report.html"));
        Pictures.write(QuickstartCharts.of(comparison), out.resolve("plots"), System.err::println);
    }
}
