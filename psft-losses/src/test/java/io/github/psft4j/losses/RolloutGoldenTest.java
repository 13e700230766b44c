package io.github.psft4j.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.losses.regularizer.KlEstimator;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.rollout.RolloutBatch;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.Advantages;
import io.github.psft4j.rollout.advantage.Baseline;
import io.github.psft4j.rollout.advantage.Credit;
import io.github.psft4j.rollout.advantage.RewardKl;
import io.github.psft4j.rollout.advantage.Scale;
import io.github.psft4j.rollout.advantage.Whitening;
import io.github.psft4j.rollout.source.EqualGroups;
import io.github.psft4j.rollout.source.GivenRollouts;
import io.github.psft4j.rollout.source.RolloutSettings;
import io.github.psft4j.rollout.source.RolloutSteps;
import io.github.psft4j.rollout.source.Truncated;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.source.DataOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Policy gradients against TRL and PyTorch, from given rollouts through the trainer: advantages, losses, derivatives,
 * gradients, and trajectories of GRPO's family, RLOO, REINFORCE and REINFORCE++ with every metric and the final
 * weights. Folder and files: {@link RolloutGolden}.
 */
class RolloutGoldenTest {

    private static final Logger LOG = LoggerFactory.getLogger(RolloutGoldenTest.class);
    private static final DataOrder IN_ORDER = new DataOrder(false, 0, 1);

    /** Fields of a step whose tolerance is that of counts. */
    private static final Set<String> SHARES =
            Set.of("clip_low", "clip_high", "clip_region", "dead_groups", "tokens", "batch");

    private final Near near = new Near();

    // Advantages from given rewards

    @Test
    void advantagesOfGivenRewardsAreExact() {
        try (RolloutGolden golden = new RolloutGolden("grpo")) {
            for (Scale scale : List.of(Scale.GROUP, Scale.BATCH, Scale.NONE)) {
                String name = "advantage." + scale.name().toLowerCase(Locale.ROOT);
                double[] expected = golden.tensors.readDoubles(name);
                Advantages advantages = new Advantages(advantage(golden, scale), RewardKl.NONE);
                for (int row = 0; row < expected.length; ) {
                    RolloutBatch batch = batch(golden, row / golden.rowsPerBatch());
                    boolean[] trained = new boolean[batch.size()];
                    Arrays.fill(trained, true);
                    for (double[] tokens : advantages.of(batch, trained, null).tokens()) {
                        for (double a : tokens) {
                            near.close(expected[row], a, 1e-9, name + " of row " + row);
                        }
                        row++;
                    }
                }
            }
        }
    }

    private static AdvantageSettings advantage(RolloutGolden golden, Scale scale) {
        double epsilon = golden.parameter("advantage_epsilon").doubleValue();
        return new AdvantageSettings(Baseline.GROUP_MEAN, scale, epsilon, Whitening.NONE, Credit.SEQUENCE, 1, 0.9);
    }

    private static RolloutBatch batch(RolloutGolden golden, int index) {
        int groups = golden.groupsPerBatch();
        return new RolloutBatch(golden.groups().subList(index * groups, (index + 1) * groups));
    }

    // One step from given log-probs

    static Stream<String> losses() {
        return RolloutGolden.entries("grpo", "one_step");
    }

    @ParameterizedTest
    @MethodSource("losses")
    void lossAndDerivativeByLogProbsEqualPyTorch(String name) {
        new RolloutGoldenStep(name, near).lossAndDerivatives();
        LOG.info("{}: loss and derivatives differ by at most {}", name, (float) near.worst());
    }

    @ParameterizedTest
    @MethodSource("losses")
    void trainerHasTheLossAndTheGradientsOfPyTorch(String name) {
        new RolloutGoldenStep(name, near).trainer();
        LOG.info("{}: the trainer's loss and gradients differ by at most {}", name, (float) near.worst());
    }

    // Trajectories

    static Stream<String> grpoFamily() {
        return RolloutGolden.entries("grpo", "trajectories");
    }

    static Stream<String> rlooFamily() {
        return RolloutGolden.entries("rloo", "trajectories");
    }

    @ParameterizedTest
    @MethodSource("grpoFamily")
    void familyOfGrpoFollowsTrl(String name) {
        try (RolloutGolden golden = new RolloutGolden("grpo")) {
            JsonNode entry = golden.json.get("trajectories").get(name);
            Scale scale = Scale.valueOf(entry.get("scale").textValue().toUpperCase(Locale.ROOT));
            RolloutSteps steps =
                    steps(golden, golden.parameter("iterations").intValue(), advantage(golden, scale), RewardKl.NONE);
            TokenObjective objective = golden.objective(entry);
            boolean watched = !objective.columns().contains(Column.REF_LOG_PROB); // the KL is measured, not minimised
            run(golden, name, watched ? objective.plus(0, new KlEstimator()) : objective, steps, 2e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("rlooFamily")
    void rlooAndReinforceFollowTheReference(String name) {
        try (RolloutGolden golden = new RolloutGolden("rloo")) {
            JsonNode entry = golden.json.get("trajectories").get(name);
            boolean reinforce = entry.has("baseline");
            int iterations = reinforce ? 1 : golden.parameter("iterations").intValue();
            RewardKl kl = entry.has("beta")
                    ? new RewardKl(entry.get("beta").doubleValue(), RewardKl.NONE.kl())
                    : RewardKl.NONE;
            RolloutSteps steps = steps(golden, iterations, settings(name, entry), kl);
            Map<String, Object> clip = reinforce
                    ? Map.of()
                    : Map.of("epsLow", golden.number(entry, "eps_low"), "epsHigh", golden.number(entry, "eps_high"));
            String objective =
                    reinforce ? "reinforce" : name.startsWith("reinforce_pp") ? "reinforce-plus-plus" : "rloo";
            double tolerance = objective.equals("reinforce-plus-plus") ? 2e-5 : 5e-5;
            RecordedColumns source = run(golden, name, ObjectiveRegistry.create(objective, clip), steps, tolerance);
            advantages(golden, name, source);
        }
    }

    private static AdvantageSettings settings(String name, JsonNode entry) {
        if (name.startsWith("reinforce_pp")) {
            double gamma = entry.get("gamma").doubleValue();
            return new AdvantageSettings(
                    Baseline.NONE, Scale.NONE, 1e-4, Whitening.TOKENS, Credit.REWARD_TO_GO, gamma, 0.9);
        }
        boolean whiten = entry.path("normalize_advantages").asBoolean();
        Baseline baseline = entry.has("baseline")
                ? Baseline.valueOf(entry.get("baseline").textValue().toUpperCase(Locale.ROOT))
                : Baseline.LEAVE_ONE_OUT;
        double decay = entry.path("decay").asDouble(0.9);
        return new AdvantageSettings(
                baseline, Scale.NONE, 1e-4, whiten ? Whitening.SEQUENCES : Whitening.NONE, Credit.SEQUENCE, 1, decay);
    }

    private static RolloutSteps steps(RolloutGolden golden, int iterations, AdvantageSettings advantage, RewardKl kl) {
        RolloutSettings settings = new RolloutSettings(iterations, Truncated.KEPT, EqualGroups.KEPT);
        return new RolloutSteps(settings, advantage, kl, golden.rowsPerBatch());
    }

    private RecordedColumns run(
            RolloutGolden golden, String name, TokenObjective objective, RolloutSteps batches, double tolerance) {
        JsonNode entry = golden.json.get("trajectories").get(name);
        CausalLm model = golden.model(DataType.FLOAT);
        List<StepMetrics> steps = new ArrayList<>();
        TrainerBuilder builder =
                golden.trainer(model, entry).objective(objective).listener(RolloutGoldenStep.into(steps));
        if (objective.columns().contains(Column.REF_LOG_PROB) || batches.reads().contains(Column.REF_LOG_PROB)) {
            builder.reference(golden.model(DataType.FLOAT));
        }
        if (objective.name().equals("reinforce")) {
            builder.aggregation(Aggregation.SEQUENCE_MEAN_TOKEN_SUM);
        }
        RecordedColumns source =
                new RecordedColumns(new GivenRollouts(golden.groups(), golden.groupsPerBatch(), batches, IN_ORDER));
        Map<String, float[]> before = weights(model);
        builder.build().fit(source);
        JsonNode expected = entry.get("steps");
        assertEquals(expected.size(), steps.size());
        for (int i = 0; i < steps.size(); i++) {
            compare(expected.get(i), steps.get(i), tolerance, i);
        }
        LOG.info("{}: steps differ by at most {}", name, (float) near.worst());
        Near weights = new Near();
        finalWeights(golden, name, model, before, weights);
        LOG.info("{}: weights differ by at most {}", name, (float) weights.worst());
        return source;
    }

    private void compare(JsonNode expected, StepMetrics step, double tolerance, int i) {
        Map<String, Double> measures = step.measures();
        expected.fields().forEachRemaining(field -> {
            double actual = switch (field.getKey()) {
                case "batch" -> (step.macroStep() - 1) % macroSteps;
                case "loss" -> step.loss();
                case "entropy" -> step.entropy();
                case "mean_ratio" -> step.meanRatio();
                case "tokens" -> step.tokens();
                case "grad_norm" -> step.gradNorm();
                case "lr" -> step.lr();
                case "clip_region" -> measures.get("clip_low") + measures.get("clip_high");
                case "kl" ->
                    measures.entrySet().stream()
                            .filter(measure -> measure.getKey().contains("kl_"))
                            .mapToDouble(Map.Entry::getValue)
                            .findFirst()
                            .orElse(0);
                default -> {
                    assertTrue(measures.containsKey(field.getKey()), field.getKey() + " is not measured");
                    yield measures.get(field.getKey());
                }
            };
            double allowed = SHARES.contains(field.getKey()) ? 1e-9 : tolerance;
            near.close(field.getValue().doubleValue(), actual, allowed, field.getKey() + " at step " + i);
        });
    }

    private final int macroSteps;

    RolloutGoldenTest() {
        try (RolloutGolden golden = new RolloutGolden("grpo")) {
            macroSteps = golden.parameter("batches").intValue();
        }
    }

    // PPO with a critic

    static Stream<String> ppo() {
        return RolloutGolden.entries("ppo", "trajectories");
    }

    @ParameterizedTest
    @MethodSource("ppo")
    void ppoFollowsTheReference(String name) {
        new PpoGolden(near).trajectory(name);
        LOG.info("ppo, critic {}: steps, columns and weights differ by at most {}", name, (float) near.worst());
    }

    @Test
    void lossAndGradientsOfPolicyAndCriticEqualPyTorch() {
        new PpoGolden(near).oneStep();
        LOG.info("ppo, one step: loss and gradients differ by at most {}", (float) near.worst());
    }

    private static Map<String, float[]> weights(CausalLm model) {
        Map<String, float[]> out = new TreeMap<>();
        model.tensors().forEach((name, tensor) -> out.put(name, values(tensor)));
        return out;
    }

    private static float[] values(INDArray tensor) {
        return tensor.dup('c').data().asFloat();
    }

    private void finalWeights(
            RolloutGolden golden, String name, CausalLm model, Map<String, float[]> before, Near near) {
        int compared = 0;
        JsonNode norms = golden.json.get("trajectories").get(name).get("delta_norm");
        for (Map.Entry<String, INDArray> entry : model.tensors().entrySet()) {
            String parameter = entry.getKey();
            float[] actual = values(entry.getValue());
            float[] start = before.get(parameter);
            boolean noisy = parameter.endsWith("k_proj.bias"); // whose gradient is next to nothing
            double norm = Math.sqrt(IntStream.range(0, start.length)
                    .mapToDouble(i -> Math.pow((double) actual[i] - start[i], 2))
                    .sum());
            assertEquals(norms.get(parameter).doubleValue(), norm, noisy ? 5e-4 : 2e-4, "change of " + parameter);
            String stored = "final." + name + "." + parameter;
            if (golden.tensors.names().contains(stored)) {
                compared++;
                float[] expected = golden.tensors.readFloats(stored);
                for (int i = 0; i < expected.length; i++) {
                    near.close(expected[i], actual[i], noisy ? 5e-4 : 2e-4, parameter + "[" + i + "]");
                }
            }
        }
        assertTrue(compared > 0, "no final weights of " + name);
    }

    /** Those that are stored: of every row for RLOO, of the first batch for REINFORCE++. */
    private void advantages(RolloutGolden golden, String name, RecordedColumns source) {
        String ofRows = "advantage." + name;
        if (golden.tensors.names().contains(ofRows)) {
            double[] expected = golden.tensors.readDoubles(ofRows);
            for (Map<Integer, double[]> batch : source.all(Column.ADVANTAGE)) {
                batch.forEach(
                        (row, values) -> near.close(expected[row], values[values.length - 1], 3e-5, "row " + row));
            }
        }
        String ofTokens = "advantage." + name + ".first_batch";
        if (golden.tensors.names().contains(ofTokens)) {
            golden.column(ofTokens).forEach((row, expected) -> {
                double[] actual = source.all(Column.ADVANTAGE).get(0).get(row);
                for (int t = 0; t < expected.length; t++) {
                    near.close(expected[t], actual[t], 3e-5, "row " + row + ", token " + t);
                }
            });
        }
    }
}
