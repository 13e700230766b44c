package io.github.psft4j.examples;

import io.github.psft4j.examples.evaluation.SkillEvaluation;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.io.Shown;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Policy gradients on the skill testbed: a model that solves some additions learns the others from right and wrong
 * alone. Prints a line of JSON per evaluation: rollouts, accuracy of held-out additions and of the other skills,
 * reward.
 */
@Command(name = "RewardedSkills", description = "Policy gradients on the additions of the skill testbed.")
public final class RewardedSkills extends Program {

    private static final int SAMPLED = 50;

    @Option(names = "--model", paramLabel = "DIR", description = "Start from this model; default the bundled base.")
    private Path model;

    @Option(names = "--evaluate", description = "Only evaluate the model.")
    private boolean onlyEvaluate;

    @Option(names = "--problems", paramLabel = "N", description = "Held-out problems of each skill.")
    private int problems = 300;

    @Option(names = "--objective", paramLabel = "NAME", description = "grpo, rloo, dr-grpo, dapo, ...")
    private String objective = "grpo";

    @Option(names = "--rollouts", paramLabel = "N", description = "Rollouts.")
    private int rollouts = 100;

    @Option(names = "--prompts", paramLabel = "N", description = "Prompts of a rollout.")
    private int prompts = 64;

    @Option(names = "--group", paramLabel = "N", description = "Samples of each prompt.")
    private int group = 16;

    @Option(names = "--minis", paramLabel = "N", description = "Mini-batches of a rollout.")
    private int minis = 2;

    @Option(names = "--iterations", paramLabel = "N", description = "Times that a rollout is trained.")
    private int iterations = 2;

    @Option(names = "--lr", paramLabel = "RATE", description = "Peak learning rate.")
    private double learningRate = 1e-4;

    @Option(names = "--seeds", split = ",", paramLabel = "N", description = "Seeds, comma-separated.")
    private long[] seeds = {1};

    @Option(names = "--every", paramLabel = "N", description = "Rollouts between evaluations.")
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
        SkillRollouts training =
                made(() -> new SkillRollouts(objective, rollouts, prompts, group, minis, iterations, learningRate));
        SkillEvaluation evaluation =
                made(() -> new SkillEvaluation(problems, Math.min(SAMPLED, problems), QuickstartOptions.PROBLEM_SEED));
        SkillScores before = evaluation.evaluate(CausalLm.load(start), 0, part -> {});
        if (onlyEvaluate) {
            System.out.println("{" + scores(before) + "}");
            return;
        }
        for (long seed : seeds) {
            say(seed, 0, before, "null");
            run(CausalLm.load(start), training, evaluation, seed);
        }
    }

    private void run(CausalLm policy, SkillRollouts training, SkillEvaluation evaluation, long seed) {
        training.train(policy, seed, new TrainerListener() {
            @Override
            public void onStep(StepMetrics m) {
                if (m.step() % (every * training.stepsOfRollout()) == 0 || m.step() == training.steps()) {
                    SkillScores scores = evaluation.evaluate(policy, m.step(), part -> {});
                    String reward = Shown.format("%.4f", m.measures().get("reward"));
                    say(seed, m.step() / training.stepsOfRollout(), scores, reward);
                }
            }
        });
    }

    private void say(long seed, int rollout, SkillScores scores, String reward) {
        System.out.println(Shown.format(
                "{\"objective\": \"%s\", \"seed\": %d, \"rollouts\": %d, \"steps\": %d, %s, \"reward\": %s}",
                objective, seed, rollout, scores.step(), scores(scores), reward));
    }

    private static String scores(SkillScores scores) {
        return Shown.format(
                "\"addition\": %.4f, \"other_skills\": %.4f, \"sample_entropy\": %.4f",
                scores.inDomain().value(),
                scores.outOfDomain().value(),
                scores.sampleEntropy().value());
    }
}
