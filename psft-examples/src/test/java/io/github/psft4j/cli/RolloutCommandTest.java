package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.reward.RewardRegistry;
import io.github.psft4j.reward.Rewards;
import io.github.psft4j.reward.WeightedReward;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.RewardKl;
import io.github.psft4j.rollout.sample.Prompt;
import io.github.psft4j.rollout.sample.PromptFiles;
import io.github.psft4j.rollout.sample.RolloutSource;
import io.github.psft4j.rollout.sample.SamplingSettings;
import io.github.psft4j.rollout.source.EqualGroups;
import io.github.psft4j.rollout.source.RolloutSettings;
import io.github.psft4j.rollout.source.RolloutSteps;
import io.github.psft4j.rollout.source.Truncated;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.source.DataOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples of the model through the command: from a file of prompts and a reward to a trained model. */
class RolloutCommandTest {

    private static final Path MODEL = Path.of("../psft-core/src/test/resources/models/stories260K");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    private Path prompts() throws IOException {
        return Files.writeString(dir.resolve("prompts.jsonl"), """
                {"prompt": "Once upon", "answer": "a"}
                {"prompt": "The cat", "answer": "b"}
                {"prompt": "Tom and his", "answer": "c"}
                {"prompt": "She", "answer": "d"}
                {"prompt": "It was a", "answer": "e"}
                """);
    }

    private InProcess.Result train(Path run, String... settings) throws IOException {
        Path file = Files.writeString(dir.resolve("grpo.yaml"), """
                model: {path: "%s"}
                data: {train: "%s"}
                objective: {name: grpo}
                rollout: {group_size: 4, max_new_tokens: 9, temperature: 0.9}
                rollout_training: {iterations: 2, truncated: kept}
                reward: {functions: {test_letters: 1.5}, settings: {test_letters.letter: a}}
                batch: {macro: 8, mini: 4}
                train: {max_steps: 12}
                optimizer: {lr: 3e-3}
                schedule: {warmup_steps: 0}
                checkpoint: {every: 1, keep: 12}
                """.formatted(text(MODEL), text(prompts())));
        List<String> arguments =
                new ArrayList<>(List.of("train", "--quiet", "--config", file.toString(), "--set", "run.dir=" + run));
        for (String setting : settings) {
            arguments.addAll(setting.startsWith("--") ? List.of(setting.split(" ")) : List.of("--set", setting));
        }
        return InProcess.run(arguments.toArray(String[]::new));
    }

    private static String text(Path path) {
        return path.toString().replace("\\", "/");
    }

    private static float[] weights(Path model) {
        return CausalLm.load(model).graph().params().dup().data().asFloat();
    }

    @Test
    void theCommandAndTheJavaApiGiveTheSameWeights() throws IOException {
        Path run = dir.resolve("run");
        InProcess.Result result = train(run);
        assertEquals(0, result.code(), result.err());

        CausalLm model = CausalLm.load(MODEL);
        List<Prompt> prompts = PromptFiles.read(DataOptions.builder(prompts()).build(), 100, model.tokenizer(), null);
        Rewards rewards = new Rewards(List.of(new WeightedReward(
                "test_letters",
                1.5,
                WeightedReward.LIMIT,
                RewardRegistry.create("test_letters", Map.of("letter", "a")))));
        RolloutSource source = new RolloutSource(
                prompts,
                new SamplingSettings(4, 9, 0.9, 0, 1, 0, List.of(), 1),
                rewards,
                new RolloutSteps(
                        new RolloutSettings(2, Truncated.KEPT, EqualGroups.KEPT),
                        AdvantageSettings.grpo(),
                        RewardKl.NONE,
                        4),
                8,
                new DataOrder(true, 42, 1),
                List.of());
        PsftTrainer.builder(model)
                .objective(ObjectiveRegistry.create("grpo", Map.of()))
                .macroBatch(8)
                .miniBatch(4)
                .maxSteps(12)
                .learningRate(3e-3)
                .warmupSteps(0)
                .build()
                .fit(source);
        model.save(dir.resolve("java"), DType.F32);
        assertArrayEquals(weights(dir.resolve("java")), weights(run.resolve("final")));
    }

    @Test
    void everySampleAndEveryNumberIsWritten() throws IOException {
        Path run = dir.resolve("run");
        assertEquals(
                0,
                train(run, "reward.functions={test_letters: 1, test_equal: 0.5}")
                        .code());
        List<String> samples = Files.readAllLines(run.resolve("samples.jsonl"));
        assertEquals(24, samples.size()); // 3 rollouts of 8
        for (String line : samples) {
            JsonNode sample = JSON.readTree(line);
            long letters = sample.get("completion")
                    .textValue()
                    .chars()
                    .filter(c -> c == 'a')
                    .count();
            assertEquals(letters, sample.at("/rewards/test_letters").doubleValue());
            assertEquals(letters + 0.5, sample.get("reward").doubleValue());
            assertTrue(sample.get("advantage").isNumber(), line);
        }
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            JsonNode step = JSON.readTree(line);
            for (String name : List.of(
                    "reward",
                    "reward_std",
                    "reward_test_letters",
                    "dead_groups",
                    "completion_length",
                    "truncated",
                    "unique_prompts",
                    "clip_low",
                    "clip_high",
                    "sample_entropy")) {
                assertTrue(step.path(name).isNumber(), name + " in " + line);
            }
            assertTrue(step.get("sampler_mismatch").doubleValue() <= 1e-5, line);
        }
        String report = Files.readString(run.resolve("report.html"));
        assertTrue(report.contains("Samples of the first and the last rollout"));
        assertTrue(report.contains("completion_length") || report.contains("completion-length"), "the curves");
    }

    @Test
    void aRunGoesOnFromAnyCheckpoint() throws IOException {
        Path run = dir.resolve("run");
        assertEquals(0, train(run).code());
        float[] expected = weights(run.resolve("final"));
        String samples = Files.readString(run.resolve("samples.jsonl"));
        for (int step : new int[] {3, 4, 9}) {
            Path checkpoint = run.resolve(String.format("step-%08d", step));
            InProcess.Result result = train(run, "--resume " + checkpoint, "run.overwrite=true");
            assertEquals(0, result.code(), result.err());
            assertArrayEquals(expected, weights(run.resolve("final")), "from step " + step);
            assertEquals(samples, Files.readString(run.resolve("samples.jsonl")), "from step " + step);
        }
    }

    /** Adapters, frozen bf16, packed rows, a KL in the reward: sampler and trainer agree, and samples are the same. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "batch.packing=80",
                "batch.micro=1",
                "lora.r=2",
                "lora.r=2 model.frozen=bf16",
                "lora.r=2 lora.dropout=0.2 rollout_training.iterations=1",
                "lora.r=2 reward_kl.beta=0.05",
                "reward_kl.beta=0.05 batch.packing=80"
            })
    void samplesAreTrainedInAnyLayout(String settings) throws IOException {
        Path plain = dir.resolve("plain");
        Path run = dir.resolve("run");
        assertEquals(0, train(plain).code());
        InProcess.Result result = train(run, settings.split(" "));
        assertEquals(0, result.code(), result.err());
        JsonNode expected =
                JSON.readTree(Files.readAllLines(plain.resolve("metrics.jsonl")).get(0));
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        JsonNode first = JSON.readTree(lines.get(0));
        for (String name : List.of("reward", "completion_length", "tokens")) { // of the first rollout
            boolean rounded = settings.contains("bf16"); // whose weights are others
            assertEquals(rounded ? first.get(name) : expected.get(name), first.get(name), name + " with " + settings);
        }
        if (!settings.contains("lora") && !settings.contains("reward_kl")) {
            double norm = expected.get("grad_norm").doubleValue();
            assertEquals(norm, first.get("grad_norm").doubleValue(), 1e-5 * norm, settings);
        }
        boolean noisy = settings.contains("dropout");
        for (int k = 0; k < lines.size(); k++) {
            JsonNode step = JSON.readTree(lines.get(k));
            JsonNode mismatch = step.path("sampler_mismatch");
            boolean firstOfRollout = k % 2 == 0; // its pi_old is the noisy pass itself
            assertEquals(!(noisy && firstOfRollout), mismatch.isNumber(), "step " + k + ": " + step);
            assertTrue(mismatch.asDouble(0) <= 1e-5, "step " + k + ": " + step);
            assertEquals(settings.contains("reward_kl"), step.has("reward_kl_k1"), step.toString());
        }
    }

    /** PPO: weights, moments and value head of either critic are in the checkpoints. */
    @ParameterizedTest
    @ValueSource(strings = {"shared", "separate"})
    void aRunWithACriticGoesOnFromAnyCheckpoint(String trunk) throws IOException {
        String[] ppo = {"objective.name=ppo-clip", "critic.trunk=" + trunk, "reward_kl.beta=0.02"};
        Path run = dir.resolve("run");
        InProcess.Result straight = train(run, ppo);
        assertEquals(0, straight.code(), straight.err());
        float[] expected = weights(run.resolve("final"));
        String metrics = withoutTimes(run);
        JsonNode last = JSON.readTree(metrics.lines().reduce((a, b) -> b).orElseThrow());
        assertTrue(last.get("value_loss").doubleValue() > 0, last.toString());
        assertTrue(last.get("explained_variance").isNumber(), last.toString());
        for (int step : new int[] {3, 4, 9}) {
            Path checkpoint = run.resolve(String.format("step-%08d", step));
            String[] resumed = Stream.concat(Stream.of("--resume " + checkpoint, "run.overwrite=true"), Stream.of(ppo))
                    .toArray(String[]::new);
            InProcess.Result result = train(run, resumed);
            assertEquals(0, result.code(), result.err());
            assertArrayEquals(expected, weights(run.resolve("final")), "from step " + step);
            assertEquals(metrics, withoutTimes(run), "from step " + step);
        }
    }

    private static String withoutTimes(Path run) throws IOException {
        return Files.readString(run.resolve("metrics.jsonl"))
                .replaceAll(",\"(tokens_per_second|rollout_seconds)\":[^,}]*", "");
    }

    @Test
    void whatNoCriticCanDoIsRefusedWithTheWayOut() throws IOException {
        refused("critic.trunk=shared", "ppo-clip", "objective.name=psft", "reward.functions={}", "reward.settings={}");
        refused("advantage.credit=gae", "critic.trunk");
        refused("critic.trunk=shared", "critic.trunk: separate", "lora.r=2");
        refused("critic.trunk=shared", "leave out critic.trunk", "objective.name=rloo");
        refused("critic.trunk=shared", "advantage.credit: gae", "advantage.credit=sequence");
        refused("critic.path=" + text(MODEL), "critic.trunk: separate");
        refused("critic.weight=0", "> 0", "critic.trunk=shared");
    }

    /** One rollout of three has no rewards: its samples are written with the reason, and the others train. */
    @ParameterizedTest
    @CsvSource({
        "throws, no judge today",
        "hangs, took longer than its limit of 1000 ms",
        "nan, returned NaN for sample",
        "number, returned 7 values for 8 samples"
    })
    void aRewardThatFailsOnceIsNamedAndNoSampleIsLost(String how, String said) throws IOException {
        Path run = dir.resolve("run");
        InProcess.Result result = train(
                run,
                "reward.functions={test_broken: 1}",
                "reward.settings={test_broken.how: " + how + "}",
                "reward.time_limit=1",
                "checkpoint.every=0");
        assertEquals(0, result.code(), result.err());
        List<String> samples = Files.readAllLines(run.resolve("samples.jsonl"));
        assertEquals(24, samples.size());
        for (int k = 0; k < samples.size(); k++) {
            JsonNode sample = JSON.readTree(samples.get(k));
            boolean failed = k / 8 == 1;
            assertEquals(failed, sample.get("reward").isNull(), sample.toString());
            String note = sample.path("notes").path("test_broken").asText();
            assertTrue(failed ? note.contains(said) : note.isEmpty(), sample.toString());
        }
        List<String> steps = Files.readAllLines(run.resolve("metrics.jsonl"));
        assertEquals(12, steps.size());
        for (int k = 0; k < 12; k++) {
            assertEquals(
                    k / 4 == 1 ? 1 : 0,
                    JSON.readTree(steps.get(k)).get("no_reward").doubleValue(),
                    steps.get(k));
        }
    }

    @Test
    void aRunOfEqualRewardsIsVoid() throws IOException {
        InProcess.Result result = train(dir.resolve("run"), "reward.functions={test_equal: 1}", "reward.settings={}");
        assertEquals(3, result.code(), result.err());
        assertTrue(result.err().contains("rewards"), result.err());
    }

    @Test
    void whatCannotBeSampledIsRefusedWithTheWayOut() throws IOException {
        refused("reward.functions={}", "test_letters"); // names what there is
        refused("reward.functions={test_lettres: 1}", "test_letters");
        refused("reward.functions={test_letters: much}", "must have a number");
        refused("reward.settings={letter: a}", "REWARD.SETTING");
        refused("reward.settings={test_letters.size: a}", "size");
        refused("rollout.group_size=3", "multiple of rollout.group_size (3)");
        refused("rollout.group_size=1", "at least 2");
        refused("rollout.temperature=0", "> 0");
        refused("sft_warmup.macro_steps=1", "sft_warmup");
        refused("data.validation_split=0.5", "validation_split");
        refused("rollout.max_new_tokens=513", "leaves no room");
        refused("objective.name=psft", "trains demonstrations");
    }

    private void refused(String setting, String because, String... more) throws IOException {
        String[] all = Stream.concat(Stream.of(setting), Stream.of(more)).toArray(String[]::new);
        InProcess.Result result = train(dir.resolve("run"), all);
        assertEquals(2, result.code(), setting + ": " + result.err());
        assertTrue(result.err().contains(because), setting + ": " + result.err());
    }
}
