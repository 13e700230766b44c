package io.github.psft4j.examples;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.examples.evaluation.Measurement;
import io.github.psft4j.examples.evaluation.SkillEvaluation;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.io.Shown;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * DPO on the skill testbed. The base model answers additions several times, and a right and a wrong answer to the same
 * one make a pair. The accuracy on held-out additions is measured before and after.
 */
@Command(name = "DpoSkills", description = "DPO on right and wrong answers that the base model gave itself.")
public final class DpoSkills extends Program {

    private static final long PROBLEM_SEED = 7;

    @Option(names = "--seeds", split = ",", paramLabel = "N", description = "Seeds, comma-separated.")
    private long[] seeds = {1};

    @Option(names = "--prompts", paramLabel = "N", description = "Additions that are answered.")
    private int prompts = 1000;

    @Option(names = "--samples", paramLabel = "N", description = "Answers to each.")
    private int samples = 8;

    @Option(names = "--lr", paramLabel = "RATE", description = "Peak learning rate.")
    private double lr = 1e-4;

    @Option(names = "--beta", paramLabel = "B", description = "Strength of the reference.")
    private double beta = 2;

    @Option(names = "--losses", paramLabel = "LOSSES", description = "Losses of dpo-mix with their weights.")
    private String losses = "sigmoid 1";

    @Option(names = "--batch", paramLabel = "N", description = "Pairs of an optimizer step.")
    private int batch = 128;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the pairs.")
    private int epochs = 2;

    @Option(names = "--write", paramLabel = "FILE", description = "Only draw the pairs, and write them as JSON Lines.")
    private Path write;

    @Option(names = "--problems", paramLabel = "N", description = "Held-out problems per skill.")
    private int problems = 400;

    private DpoSkills() {}

    /** Runs with the arguments listed by {@code --help}. */
    public static void main(String[] args) {
        Environment.prepare();
        new DpoSkills().start(args);
    }

    @Override
    void run() throws IOException {
        Path base = BaseModel.extractTo(Files.createTempDirectory("psft-skills-"));
        for (long seed : seeds) {
            run(CausalLm.load(base), seed);
        }
    }

    private void run(CausalLm model, long seed) throws IOException {
        SkillPairs dpo = made(() -> new SkillPairs(losses, beta, prompts, samples, batch, epochs, lr));
        List<Demonstration> pairs = dpo.draw(model, seed);
        if (write != null) {
            Files.write(write, SkillPairs.rows(model, pairs));
            return;
        }
        SkillEvaluation evaluation = made(() -> new SkillEvaluation(problems, Math.min(problems, 100), PROBLEM_SEED));
        SkillScores before = evaluation.evaluate(model, 0, part -> {});
        TrainingSummary summary = dpo.train(model, pairs, seed, new TrainerListener() {});
        SkillScores after = evaluation.evaluate(model, summary.steps(), part -> {});
        System.out.println(Shown.format(
                "seed %d, lr %s, beta %s, %s: %d pairs, %d steps, margin %.3f, accuracy of pairs %.3f, logps %.2f",
                seed,
                lr,
                beta,
                losses,
                pairs.size() / 2,
                summary.steps(),
                summary.last().measure("margin"),
                summary.last().measure("accuracy"),
                summary.last().measure("logps_chosen")));
        System.out.println("additions: " + shown(before.inDomain()) + " -> " + shown(after.inDomain()));
        System.out.println("other skills: " + shown(before.outOfDomain()) + " -> " + shown(after.outOfDomain()));
    }

    private static String shown(Measurement measurement) {
        return Shown.format("%.1f %%", 100 * measurement.value());
    }
}
