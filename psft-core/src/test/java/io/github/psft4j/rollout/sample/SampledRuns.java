package io.github.psft4j.rollout.sample;

import com.fasterxml.jackson.databind.node.TextNode;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.reward.Rewards;
import io.github.psft4j.reward.WeightedReward;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.Baseline;
import io.github.psft4j.rollout.advantage.RewardKl;
import io.github.psft4j.rollout.advantage.Scale;
import io.github.psft4j.rollout.source.EqualGroups;
import io.github.psft4j.rollout.source.RolloutSettings;
import io.github.psft4j.rollout.source.RolloutSteps;
import io.github.psft4j.rollout.source.Truncated;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.source.DataOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs of a few seconds on samples of a real model of 260 K parameters. */
final class SampledRuns {

    static final int STEPS = 20;

    /** Writes more of the letter e. */
    static final RewardFunction LETTERS = samples -> samples.stream()
            .map(s ->
                    RewardValue.of(s.completion().chars().filter(c -> c == 'e').count()))
            .toList();

    private SampledRuns() {}

    static CausalLm model() {
        return CausalLm.load(Path.of("src/test/resources/models/stories260K"));
    }

    static List<Prompt> prompts(CausalLm model) {
        List<Prompt> out = new ArrayList<>();
        for (String text : List.of("Once upon", "The cat", "A", "Tom and his", "The big dog", "She", "It was a")) {
            out.add(new Prompt(
                    model.tokenizer().encode(text),
                    new TextNode(text),
                    Map.of("length", new TextNode("" + text.length()))));
        }
        return out;
    }

    /** Two groups of four; each macro-batch is two mini-batches, trained twice. */
    static SamplingSettings settings(double temperature, boolean dynamic) {
        return new SamplingSettings(4, 9, temperature, 0, 1, 0, List.of(), dynamic ? 3 : 1);
    }

    static RolloutSource source(CausalLm model, SamplingSettings settings, RolloutListener... listeners) {
        return judged(model, settings, LETTERS, listeners);
    }

    static RolloutSource judged(
            CausalLm model, SamplingSettings settings, RewardFunction reward, RolloutListener... listeners) {
        Rewards rewards = new Rewards(List.of(WeightedReward.of("letters", reward)));
        return new RolloutSource(
                prompts(model), settings, rewards, steps(), 8, new DataOrder(true, 5, 1), List.of(listeners));
    }

    /** Mini-batches of four, each trained twice; the baseline is carried from rollout to rollout. */
    private static RolloutSteps steps() {
        AdvantageSettings advantage = AdvantageSettings.simple(Baseline.MOVING_AVERAGE, Scale.NONE);
        return new RolloutSteps(new RolloutSettings(2, Truncated.KEPT, EqualGroups.KEPT), advantage, RewardKl.NONE, 4);
    }

    static TrainerBuilder trainer(CausalLm model) {
        return PsftTrainer.builder(model)
                .objective(new Clipped())
                .learningRate(3e-3)
                .warmupSteps(0)
                .microBatch(2)
                .maxSteps(STEPS);
    }

    /** The clipped surrogate of PPO with 0.2 on both sides. */
    record Clipped() implements TokenObjective {

        @Override
        public Set<Column> columns() {
            return EnumSet.of(Column.OLD_LOG_PROB, Column.ADVANTAGE);
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            for (int t = from; t < to; t++) {
                double a = tokens.column(Column.ADVANTAGE, t);
                double ratio = Math.exp(tokens.logRatio(t, 20));
                boolean clipped = a > 0 ? ratio > 1.2 : ratio < 0.8;
                double bound = Math.max(0.8, Math.min(1.2, ratio));
                out.set(t, -Math.min(ratio * a, bound * a), clipped ? 0 : ratio * a);
                out.setRatio(t, ratio, clipped);
            }
        }
    }
}
