package io.github.psft4j.spark;

import com.fasterxml.jackson.databind.node.TextNode;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.losses.rl.GrpoObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardValue;
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
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.source.DataOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;

/** 12 steps of GRPO with a small real model that is to write more of the letter e. */
final class SampledRun {

    private static final Path BASE =
            Path.of(System.getProperty("psft.models", "../src/test/resources"), "models", "stories260K");

    private static final RewardFunction LETTERS = samples -> samples.stream()
            .map(s ->
                    RewardValue.of(s.completion().chars().filter(c -> c == 'e').count()))
            .toList();

    private SampledRun() {}

    static CausalLm model(boolean lora) {
        return lora ? LoraModels.fresh(BASE, LoraConfig.of(2, 4), DataType.FLOAT, 3) : CausalLm.load(BASE);
    }

    /** Trains a model with the given trainer, and returns its weights. */
    static float[] train(CausalLm model, TrainerBuilder builder) {
        List<Prompt> prompts = Stream.of("Once upon", "The cat", "A", "Tom and his", "The big dog", "She", "It was a")
                .map(text -> new Prompt(model.tokenizer().encode(text), new TextNode(text), Map.of()))
                .toList();
        RolloutSteps steps = new RolloutSteps(
                new RolloutSettings(2, Truncated.KEPT, EqualGroups.KEPT),
                AdvantageSettings.of("grpo"),
                RewardKl.NONE,
                8);
        RolloutSource source = new RolloutSource(
                prompts,
                new SamplingSettings(4, 9, 1, 0, 1, 0, List.of(), 1),
                new Rewards(List.of(WeightedReward.of("letters", LETTERS))),
                steps,
                16,
                new DataOrder(true, 5, 1),
                List.of());
        builder.objective(new GrpoObjective())
                .microBatch(2)
                .learningRate(1e-3)
                .warmupSteps(0)
                .maxSteps(Runs.STEPS)
                .build()
                .fit(source);
        return Runs.weights(model);
    }
}
