package io.github.psft4j.examples;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.examples.evaluation.SkillEvaluation;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.io.Shown;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Compares every relative of SFT on the quick start's base and demonstrations. All runs share the order of the
 * demonstrations, at several learning rates. One table says what each gained, what it forgot, and what a step of it
 * costs.
 */
@Command(
        name = "ObjectiveComparison",
        description = "Trains the bundled base model with every SFT relative and prints one table.")
public final class ObjectiveComparison extends Program {

    private static final int TIMED_MACROS = 5; // macro-batches per timed run, after one that is not counted

    @Option(names = "--objectives", split = ",", paramLabel = "NAME", description = "Comma-separated; without it, all.")
    private List<String> names;

    @Option(names = "--lr", split = ",", paramLabel = "RATE", description = "Learning rates, comma-separated.")
    private String[] rates = {"1e-4", "3e-4", "1e-3"};

    @Option(names = "--steps", paramLabel = "N", description = "Optimizer steps of each run.")
    private int steps = 160;

    @Option(names = "--seed", paramLabel = "N", description = "Choice and order of the demonstrations.")
    private long seed = 1;

    @Option(names = "--problems", paramLabel = "N", description = "Held-out problems per skill.")
    private int problems = 200;

    @Option(
            names = "--timing-rounds",
            paramLabel = "N",
            description = "Rounds in which steps are timed, 0 for no timing.")
    private int rounds = 5;

    @Option(names = "--model", paramLabel = "DIR", description = "Base model; without it, the one in the jar.")
    private Path base;

    @Option(names = "--out", paramLabel = "DIR", description = "Where the table is written.")
    private Path out = Path.of("runs", "objectives");

    private List<Demonstration> demonstrations;
    private CausalLm reference;

    private ObjectiveComparison() {}

    /** Runs with the arguments listed by {@code --help}. */
    public static void main(String[] args) {
        new ObjectiveComparison().start(args);
    }

    @Override
    void run() throws IOException {
        Environment.prepare();
        base = base != null ? base : BaseModel.extractTo(out.resolve("base"));
        reference = CausalLm.load(base);
        demonstrations = Quickstart.demonstrations(reference.tokenizer(), seed);
        System.out.println("\n" + table());
    }

    private String table() throws IOException {
        Map<String, TokenObjective> family = new LinkedHashMap<>(ComparedObjectives.of(reference, demonstrations));
        if (names != null) {
            names.stream().filter(name -> !family.containsKey(name)).findFirst().ifPresent(name -> {
                throw new IllegalArgumentException("no objective '" + name + "' here; there are " + family.keySet());
            });
            family.keySet().retainAll(names);
        }
        SkillEvaluation evaluation =
                new SkillEvaluation(problems, Math.min(100, problems), QuickstartOptions.PROBLEM_SEED);
        Map<String, Double> seconds = secondsPerStep(family);
        StringBuilder table = new StringBuilder(
                "| objective | lr | addition | held-out NLL | other skills | entropy, targets | entropy, samples"
                        + " | grad norm | s/step vs SFT |\n|---|---|---|---|---|---|---|---|---|\n");
        table.append(row("(base)", "", evaluation.evaluate(reference, 0, part -> {}), Double.NaN, Double.NaN));
        for (Map.Entry<String, TokenObjective> entry : family.entrySet()) {
            for (String rate : rates) {
                CausalLm model = CausalLm.load(base);
                StepMetrics[] last = new StepMetrics[1];
                fit(model, entry.getValue(), Double.parseDouble(rate), steps, metrics -> last[0] = metrics);
                SkillScores scores = evaluation.evaluate(model, steps, part -> {});
                double cost = seconds.getOrDefault(entry.getKey(), Double.NaN);
                String row = row(entry.getKey(), rate, scores, last[0].gradNorm(), cost);
                System.out.print(row);
                table.append(row);
                Files.writeString(out.resolve("table.md"), table);
            }
        }
        return table.toString();
    }

    private interface OnStep extends TrainerListener {
        @Override
        void onStep(StepMetrics metrics);
    }

    private void fit(CausalLm model, TokenObjective objective, double rate, int steps, OnStep listener) {
        FineTuning.trainer(model, objective, demonstrations.size())
                .reference(reference)
                .learningRate(rate)
                .maxSteps(steps)
                .seed(seed)
                .listener(listener)
                .build()
                .fit(demonstrations);
    }

    /**
     * Median wall time of a step relative to SFT's. All objectives take turns in every round, so that other load on the
     * machine hits all of them. Each ratio is to the SFT runs just before and after, and the median over rounds counts.
     * Refreshes of pi_old are part of a step. The ratio of SFT to itself shows the noise.
     */
    private Map<String, Double> secondsPerStep(Map<String, TokenObjective> family) {
        Map<String, double[]> ratios = new LinkedHashMap<>();
        if (rounds == 0) {
            return Map.of();
        }
        for (int round = -1; round < rounds; round++) { // the first is for the JIT compiler
            double before = macroSeconds(ComparedObjectives.SFT);
            for (Map.Entry<String, TokenObjective> entry : family.entrySet()) {
                double own = macroSeconds(entry.getValue());
                double after = macroSeconds(ComparedObjectives.SFT);
                if (round >= 0) {
                    double ratio = 2 * own / (before + after);
                    ratios.computeIfAbsent(entry.getKey(), name -> new double[rounds])[round] = ratio;
                }
                before = after;
            }
        }
        Map<String, Double> medians = new LinkedHashMap<>();
        ratios.forEach((name, values) -> {
            Arrays.sort(values);
            medians.put(name, values[rounds / 2]);
        });
        return medians;
    }

    /** Median time of a macro-batch, so that a refresh of pi_old counts; relative, so steps need not be divided out. */
    private double macroSeconds(TokenObjective objective) {
        int stepsPerMacro = demonstrations.size() / QuickstartOptions.MINI_BATCH;
        long[] ends = new long[TIMED_MACROS + 1];
        fit(CausalLm.load(base), objective, 1e-4, (TIMED_MACROS + 1) * stepsPerMacro, metrics -> {
            if (metrics.step() % stepsPerMacro == 0) {
                ends[metrics.step() / stepsPerMacro - 1] = System.nanoTime();
            }
        });
        double[] seconds = new double[TIMED_MACROS];
        Arrays.setAll(seconds, i -> (ends[i + 1] - ends[i]) / 1e9);
        Arrays.sort(seconds);
        return seconds[TIMED_MACROS / 2];
    }

    private static String row(String name, String rate, SkillScores scores, double gradNorm, double cost) {
        return Shown.format(
                "| %s | %s | %.3f | %.3f | %.3f | %.3f | %.3f | %s | %s |%n",
                name,
                rate,
                scores.inDomain().value(),
                scores.nll().value(),
                scores.outOfDomain().value(),
                scores.targetEntropy().value(),
                scores.sampleEntropy().value(),
                Double.isNaN(gradNorm) ? "" : Shown.format("%.3f", gradNorm),
                Double.isNaN(cost) ? "" : Shown.format("%.2f", cost));
    }
}
