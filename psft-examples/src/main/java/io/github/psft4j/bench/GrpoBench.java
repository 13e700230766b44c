package io.github.psft4j.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.model.CausalLm;
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
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.train.source.DataOrder;
import io.github.psft4j.transformer.DecoderGraph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Whole steps of GRPO on a model of a directory: 8 random prompts are answered 8 times at temperature 1, rewarded, and
 * trained. No token ends a sample, so all have the same length. The reward is as good as random.
 *
 * <p>A step is a rollout with all its updates. With one update the policy is still pi_old, and no log-probs are taken
 * before it; with more they are.
 */
public final class GrpoBench {

    private static final int PROMPTS = 8;
    private static final int GROUP = 8;
    private static final String CONFIG = "config.json";
    private static final String TOKENIZER = "tokenizer.json";

    private GrpoBench() {}

    /**
     * What is run.
     *
     * @param model directory of the model
     * @param promptTokens tokens of a prompt
     * @param newTokens tokens of a sample
     * @param micro samples per forward and backward pass
     * @param updates optimizer steps of a rollout, a divisor of 64
     * @param precision of the linear layers
     * @param recompute whether blocks compute their activations again
     * @param steps counted rollouts; one more goes before them
     */
    public record Job(
            Path model,
            int promptTokens,
            int newTokens,
            int micro,
            int updates,
            Precision precision,
            boolean recompute,
            int steps) {

        /** @throws IllegalArgumentException for a number out of its range */
        public Job {
            if (promptTokens < 1 || newTokens < 1 || steps < 1 || updates < 1 || PROMPTS * GROUP % updates != 0) {
                throw new IllegalArgumentException("--length, --new-tokens and --steps must be 1 or more, and --updates"
                        + " a divisor of " + PROMPTS * GROUP);
            }
            if (micro < 1 || micro > PROMPTS * GROUP / updates) {
                throw new IllegalArgumentException("--batch, samples per pass, must be 1 to "
                        + PROMPTS * GROUP / updates + ", the samples of an update, was " + micro);
            }
        }
    }

    /** Times rollouts with their updates. */
    private static final class Watch implements TrainerListener {
        private final int updates;
        private final List<Double> steps = new ArrayList<>();
        private final List<Double> rollouts = new ArrayList<>();
        private final List<Double> processor = new ArrayList<>();
        private long last;
        private long lastProcessor;

        Watch(int updates) {
            this.updates = updates;
        }

        @Override
        public void onStart(TrainingPlan plan) {
            last = System.nanoTime();
            lastProcessor = ProcessMemory.processorNanos();
        }

        @Override
        public void onStep(StepMetrics metrics) {
            if (metrics.step() % updates == 0) {
                long now = System.nanoTime();
                long nowProcessor = ProcessMemory.processorNanos();
                steps.add((now - last) / 1e6);
                processor.add((nowProcessor - lastProcessor) / 1e6);
                rollouts.add(metrics.measures().get("rollout_seconds") * 1e3);
                last = now;
                lastProcessor = nowProcessor;
            }
        }

        /** Without the first. */
        private static double[] counted(List<Double> all) {
            return all.stream().skip(1).mapToDouble(t -> t).toArray();
        }
    }

    /** Median of the steps. */
    public static BenchResult run(Job job) {
        CausalLm model = endless(job.model);
        Watch watch = new Watch(job.updates);
        int samples = PROMPTS * GROUP;
        PsftTrainer.builder(model)
                .objective(ObjectiveRegistry.create("grpo", Map.of()))
                .macroBatch(samples)
                .miniBatch(samples / job.updates)
                .microBatch(job.micro)
                .learningRate(1e-6)
                .precision(job.precision)
                .warmupSteps(0)
                .settings(new Training(
                        1,
                        (1 + job.steps) * job.updates,
                        5,
                        0,
                        job.recompute ? Training.Recompute.BLOCKS : Training.Recompute.NONE))
                .listener(watch)
                .build()
                .fit(source(model, job));
        double[] times = Watch.counted(watch.steps);
        double rollout = BenchResult.median(Watch.counted(watch.rollouts));
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("model", job.model.getFileName().toString());
        settings.put("samples", PROMPTS + " x " + GROUP);
        settings.put("tokens", job.promptTokens + " + " + job.newTokens);
        settings.put("updates", job.updates);
        settings.put("micro", job.micro);
        settings.put("precision", job.precision.name().toLowerCase(Locale.ROOT));
        settings.put("recompute", job.recompute);
        double cost = BenchResult.median(times);
        Map<String, Double> parts = new LinkedHashMap<>();
        parts.put("rollout", rollout);
        parts.put("log-probs and updates", cost - rollout);
        parts.put("processor time of all", BenchResult.median(Watch.counted(watch.processor)));
        return new BenchResult(
                "grpo",
                settings,
                times,
                cost,
                (long) samples * job.newTokens,
                parts,
                Map.of(),
                ProcessMemory.peakMegabytes(),
                DecoderGraph.ops(model.graph()).name());
    }

    /** The model without the ids that end a text, which its tokenizer and its configuration name. */
    private static CausalLm endless(Path directory) {
        if (!Files.exists(directory.resolve(TOKENIZER))) {
            throw new RefusedException(directory + " has no " + TOKENIZER + ", which rewards need for their texts");
        }
        try {
            Path copy = Files.createTempDirectory("psft-bench");
            try {
                ObjectNode config = (ObjectNode)
                        new ObjectMapper().readTree(directory.resolve(CONFIG).toFile());
                config.remove("eos_token_id");
                Files.writeString(copy.resolve(CONFIG), config.toString());
                for (Path file : listed(directory)) {
                    String name = file.getFileName().toString();
                    if (name.equals(TOKENIZER) || name.contains(".safetensors")) {
                        Files.createSymbolicLink(copy.resolve(name), file.toAbsolutePath());
                    }
                }
                return CausalLm.load(copy);
            } finally {
                for (Path file : listed(copy)) {
                    Files.delete(file);
                }
                Files.delete(copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }

    private static List<Path> listed(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private static RolloutSource source(CausalLm model, Job job) {
        Random random = new Random(1);
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < PROMPTS * (1 + job.steps); i++) {
            int[] ids =
                    random.ints(job.promptTokens, 0, model.config().vocabSize()).toArray();
            prompts.add(new Prompt(ids, new TextNode(""), Map.of()));
        }
        RolloutSteps steps = new RolloutSteps(
                new RolloutSettings(1, Truncated.KEPT, EqualGroups.KEPT),
                AdvantageSettings.grpo(),
                RewardKl.NONE,
                PROMPTS * GROUP / job.updates);
        WeightedReward reward = WeightedReward.of(
                "hash",
                samples -> samples.stream()
                        .map(s -> RewardValue.of(Math.floorMod(s.completion().hashCode(), 1000) / 1e3))
                        .toList());
        return new RolloutSource(
                prompts,
                new SamplingSettings(GROUP, job.newTokens, 1, 0, 1, 0, List.of(), 1),
                new Rewards(List.of(reward)),
                steps,
                PROMPTS * GROUP,
                new DataOrder(true, 1, 1),
                List.of());
    }
}
