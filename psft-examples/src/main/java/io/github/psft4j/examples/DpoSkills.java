package io.github.psft4j.examples;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.examples.evaluation.Measurement;
import io.github.psft4j.examples.evaluation.SkillEvaluation;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.skills.CharacterTokenizer;
import io.github.psft4j.examples.skills.Problem;
import io.github.psft4j.examples.skills.SkillCorpus;
import io.github.psft4j.losses.preference.DpoMixObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.TrainingSummary;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * DPO on the skill testbed. The base model answers additions several times, and a right and a wrong answer to the same
 * one make a pair. The accuracy on held-out additions is measured before and after.
 */
@Command(name = "DpoSkills", description = "DPO on right and wrong answers that the base model gave itself.")
public final class DpoSkills extends Program {

    private static final int MAX_NEW_TOKENS = 14;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of problems, samples and order.")
    private long seed = 1;

    @Option(names = "--prompts", paramLabel = "N", description = "Additions that are answered.")
    private int prompts = 1000;

    @Option(names = "--samples", paramLabel = "N", description = "Answers to each.")
    private int samples = 8;

    @Option(names = "--lr", paramLabel = "RATE", description = "Peak learning rate.")
    private double lr = 3e-5;

    @Option(names = "--beta", paramLabel = "B", description = "Strength of the reference.")
    private double beta = 0.1;

    @Option(names = "--losses", paramLabel = "LOSSES", description = "Losses of dpo-mix with their weights.")
    private String losses = "sigmoid 1, nll 1";

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the pairs.")
    private int epochs = 2;

    @Option(names = "--problems", paramLabel = "N", description = "Held-out problems per skill.")
    private int problems = 400;

    /** Runs the program. */
    public static void main(String[] args) {
        new DpoSkills().start(args);
    }

    @Override
    void run() throws Exception {
        Path directory = Files.createTempDirectory("psft-skills-");
        CausalLm model = CausalLm.load(BaseModel.extractTo(directory));
        SkillEvaluation evaluation = new SkillEvaluation(problems, Math.min(problems, 100), 7);
        SkillScores before = evaluation.evaluate(model, 0, part -> {});
        List<Demonstration> pairs = pairs(model);
        TrainingSummary summary = PsftTrainer.builder(model)
                .objective(new DpoMixObjective(losses, beta, 0))
                .macroBatch(32)
                .miniBatch(32)
                .lengthGrouping(true)
                .learningRate(lr)
                .warmupSteps(10)
                .weightDecay(0)
                .epochs(epochs)
                .seed(seed)
                .build()
                .fit(pairs);
        SkillScores after = evaluation.evaluate(model, summary.steps(), part -> {});
        System.out.printf(
                Locale.ROOT,
                "seed %d, lr %s, beta %s, %s: %d pairs, %d steps, margin %.3f, accuracy of pairs %.3f, logps %.2f%n",
                seed,
                lr,
                beta,
                losses,
                pairs.size() / 2,
                summary.steps(),
                summary.last().measure("margin"),
                summary.last().measure("accuracy"),
                summary.last().measure("logps_chosen"));
        System.out.println("additions: " + shown(before.inDomain()) + " -> " + shown(after.inDomain()));
        System.out.println("other skills: " + shown(before.outOfDomain()) + " -> " + shown(after.outOfDomain()));
    }

    private static String shown(Measurement measurement) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * measurement.value());
    }

    /** A right and a wrong answer to each addition that has both. */
    private List<Demonstration> pairs(CausalLm model) {
        List<Problem> asked = SkillCorpus.fineTuning(prompts, seed);
        List<int[]> all = new ArrayList<>();
        for (Problem problem : asked) {
            int[] prompt = model.tokenizer().encode(problem.prompt(), false);
            for (int s = 0; s < samples; s++) {
                all.add(prompt);
            }
        }
        List<GenerationResult> answers =
                model.generate(all, GenerationConfig.sample(MAX_NEW_TOKENS, 1.0, seed, CharacterTokenizer.EOS_ID));
        List<Demonstration> pairs = new ArrayList<>();
        for (int p = 0; p < asked.size(); p++) {
            int[] right = null;
            int[] wrong = null;
            for (int s = 0; s < samples; s++) {
                int[] answer = answers.get(p * samples + s).newTokens();
                if (asked.get(p).isSolvedBy(model.tokenizer().decode(answer))) {
                    right = answer;
                } else {
                    wrong = answer;
                }
            }
            if (right != null && wrong != null) {
                pairs.add(Demonstration.of(all.get(p * samples), right));
                pairs.add(Demonstration.of(all.get(p * samples), wrong));
            }
        }
        return pairs;
    }
}
