package io.github.psft4j.examples;

import com.fasterxml.jackson.databind.node.TextNode;
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
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.optimizer.LearningRateSchedule;
import io.github.psft4j.train.source.DataOrder;
import java.util.List;
import java.util.Map;

/**
 * A policy gradient on the additions of the testbed. A rollout is cut into mini-batches and trained several times; the
 * learning rate falls to 0 in a straight line.
 *
 * @param objective grpo, rloo, dapo, ...
 * @param rollouts how many are drawn
 * @param prompts of a rollout
 * @param group samples of a prompt
 * @param minis mini-batches of a rollout
 * @param iterations times that a rollout is trained
 * @param learningRate peak
 */
record SkillRollouts(
        String objective, int rollouts, int prompts, int group, int minis, int iterations, double learningRate) {

    private static final int PROBLEMS = 4096;
    private static final int MAX_NEW_TOKENS = 14;
    private static final int WARMUP = 5;

    /** Clip-higher of DAPO, for the objectives that clip both sides of a token's ratio. */
    private static final Map<String, ?> CLIP_HIGHER = Map.of("eps_high", 0.28);

    SkillRollouts {
        check(rollouts > 0, "--rollouts", rollouts);
        check(prompts > 0, "--prompts", prompts);
        check(group > 1, "--group", group);
        check(minis > 0 && prompts % minis == 0, "--minis", minis);
        check(iterations > 0, "--iterations", iterations);
    }

    private static void check(boolean valid, String name, int value) {
        if (!valid) {
            throw new IllegalArgumentException(name + " is " + value
                    + "; numbers are positive, a group has two samples or more, and --minis" + " divides --prompts");
        }
    }

    /** Optimizer steps of a rollout. */
    int stepsOfRollout() {
        return minis * iterations;
    }

    /** Optimizer steps of the run. */
    int steps() {
        return rollouts * stepsOfRollout();
    }

    /** Trains {@code policy} in place. */
    void train(CausalLm policy, long seed, TrainerListener listener) {
        int sequences = group * prompts;
        RolloutSteps steps = new RolloutSteps(
                new RolloutSettings(iterations, Truncated.KEPT, EqualGroups.DROPPED),
                AdvantageSettings.of(objective),
                RewardKl.NONE,
                sequences / minis);
        RolloutSource source = new RolloutSource(
                SkillCorpus.fineTuning(PROBLEMS, seed).stream()
                        .map(problem -> prompt(policy, problem))
                        .toList(),
                new SamplingSettings(group, MAX_NEW_TOKENS, 1, 0, 1, 0, List.of(), 1),
                new Rewards(List.of(WeightedReward.of("skill_answer", new SkillRewards.Answer("answer").create()))),
                steps,
                sequences,
                new DataOrder(true, seed, 1),
                List.of());
        PsftTrainer.builder(policy)
                .objective(ObjectiveRegistry.create(objective, objective.equals("grpo") ? CLIP_HIGHER : Map.of()))
                .macroBatch(sequences)
                .miniBatch(sequences / minis)
                .learningRate(learningRate)
                .schedule(LearningRateSchedule.LINEAR)
                .warmupSteps(WARMUP)
                .weightDecay(0)
                .maxSteps(steps())
                .seed(seed)
                .listener(listener)
                .build()
                .fit(source);
    }

    private static Prompt prompt(CausalLm policy, Problem problem) {
        return new Prompt(
                policy.tokenizer().encode(problem.prompt(), false),
                new TextNode(problem.prompt()),
                Map.of("answer", new TextNode(problem.answer())));
    }
}
