package io.github.psft4j.examples;

import com.fasterxml.jackson.databind.node.TextNode;
import io.github.psft4j.examples.evaluation.SkillEvaluation;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.skills.Problem;
import io.github.psft4j.examples.skills.SkillCorpus;
import io.github.psft4j.examples.skills.SkillRewards;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.reward.Rewards;
import io.github.psft4j.reward.WeightedReward;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.RewardKl;
import io.github.psft4j.rollout.sample.Prompt;
import io.github.psft4j.rollout.sample.RolloutSource;
import io.github.psft4j.rollout.sample.SamplingSettings;
import io.github.psft4j.rollout.source.EqualGroups;
import io.github.psft4j.rollout.source.RolloutSettings;
import io.github.psft4j.rollout.source.RolloutSteps;
import io.github.psft4j.rollout.source.Truncated;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.source.DataOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Policy gradients on the skill testbed: a model that solves some additions learns the others from right and wrong
 * alone. Prints a line of JSON per evaluation: updates, accuracy of held-out additions and of the other skills, reward.
 */
@Command(name = "RewardedSkills", description = "Policy gradients on the additions of the skill testbed.")
public final class RewardedSkills extends Program {

    private static final int GROUP = 8;
    private static final int MAX_NEW_TOKENS = 14;

    @Option(names = "--model", paramLabel = "DIR", description = "Start from this model; default the bundled base.")
    private Path model;

    @Option(names = "--objective", paramLabel = "NAME", description = "grpo, rloo, dr-grpo, dapo, ...")
    private String objective = "grpo";

    @Option(names = "--updates", paramLabel = "N", description = "Optimizer steps.")
    private int updates = 150;

    @Option(names = "--prompts", paramLabel = "N", description = "Prompts of a rollout, 8 samples each.")
    private int prompts = 32;

    @Option(names = "--minis", paramLabel = "N", description = "Mini-batches of a rollout.")
    private int minis = 2;

    @Option(names = "--lr", paramLabel = "RATE", description = "Learning rate.")
    private double learningRate = 1e-4;

    @Option(names = "--seeds", split = ",", paramLabel = "N", description = "Seeds, comma-separated.")
    private long[] seeds = {1};

    @Option(names = "--every", paramLabel = "N", description = "Updates between evaluations.")
    private int every = 25;

    private RewardedSkills() {}

    /** Runs with the arguments listed by {@code --help}. */
    public static void main(String[] args) {
        Environment.prepare();
        new RewardedSkills().start(args);
    }

    @Override
    void run() throws IOException {
        Path start = model == null ? BaseModel.extractTo(Files.createTempDirectory("skills-base")) : model;
        for (long seed : seeds) {
            run(CausalLm.load(start), seed);
        }
    }

    private void run(CausalLm policy, long seed) {
        SkillEvaluation evaluation = new SkillEvaluation(300, 50, 999);
        say(seed, evaluation.evaluate(policy, 0, part -> {}), Double.NaN);
        int sequences = GROUP * prompts;
        RolloutSteps steps = new RolloutSteps(
                new RolloutSettings(1, Truncated.KEPT, EqualGroups.KEPT),
                AdvantageSettings.of(objective),
                RewardKl.NONE,
                sequences / minis);
        RolloutSource source = new RolloutSource(
                SkillCorpus.fineTuning(4096, seed).stream()
                        .map(p -> prompt(policy, p))
                        .toList(),
                new SamplingSettings(GROUP, MAX_NEW_TOKENS, 1, 0, 1, 0, List.of(), 1),
                new Rewards(List.of(WeightedReward.of("skill_answer", new SkillRewards.Answer("answer").create()))),
                steps,
                sequences,
                new DataOrder(true, seed, 1),
                List.of());
        PsftTrainer.builder(policy)
                .objective(ObjectiveRegistry.create(objective, Map.of()))
                .macroBatch(sequences)
                .miniBatch(sequences / minis)
                .learningRate(learningRate)
                .warmupSteps(5)
                .weightDecay(0)
                .maxSteps(updates)
                .seed(seed)
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics m) {
                        if (m.step() % every == 0 || m.step() == updates) {
                            SkillScores scores = evaluation.evaluate(policy, m.step(), part -> {});
                            say(seed, scores, m.measures().get("reward"));
                        }
                    }
                })
                .build()
                .fit(source);
    }

    private static Prompt prompt(CausalLm policy, Problem problem) {
        return new Prompt(
                policy.tokenizer().encode(problem.prompt(), false),
                new TextNode(problem.prompt()),
                Map.of("answer", new TextNode(problem.answer())));
    }

    private void say(long seed, SkillScores scores, double reward) {
        System.out.println(String.format(
                Locale.ROOT,
                "{\"objective\": \"%s\", \"seed\": %d, \"updates\": %d, \"addition\": %.4f, \"other_skills\": %.4f,"
                        + " \"sample_entropy\": %.4f, \"reward\": %s}",
                objective,
                seed,
                scores.step(),
                scores.inDomain().value(),
                scores.outOfDomain().value(),
                scores.sampleEntropy().value(),
                Double.isNaN(reward) ? "null" : String.format(Locale.ROOT, "%.4f", reward)));
    }
}
