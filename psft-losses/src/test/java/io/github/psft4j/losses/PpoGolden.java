package io.github.psft4j.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.KlForm;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.ValueObjective;
import io.github.psft4j.losses.rl.PpoClipObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.ValueHeads;
import io.github.psft4j.rollout.RolloutBatch;
import io.github.psft4j.rollout.RolloutGroup;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
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
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** PPO with a critic on the policy's trunk, and with one of its own, against a plain loop in float64. */
final class PpoGolden {

    private static final double STEP = 2e-5;
    private static final double COLUMN = 3e-5;
    private static final Set<String> SHARES = Set.of("clip_policy", "clip_value", "phase");

    private final Near near;

    PpoGolden(Near near) {
        this.near = near;
    }

    /** Policy, and critic where it has a trunk of its own. */
    private record Models(CausalLm policy, CausalLm critic) {}

    private static Models models(RolloutGolden golden, boolean shared) {
        CausalLm policy = golden.policy(DataType.FLOAT);
        Models models = shared
                ? new Models(ValueHeads.shared(policy), null)
                : new Models(policy, ValueHeads.separate(golden.model(DataType.FLOAT)));
        Map<String, INDArray> weights = (shared ? models.policy : models.critic).tensors();
        for (String name : ValueHeads.NAMES) {
            golden.tensors.readInto(name, weights.get(name));
        }
        return models;
    }

    private static double number(RolloutGolden golden, String name) {
        return golden.json.get(name).doubleValue();
    }

    private static AdvantageSettings advantage(RolloutGolden golden, double lambda, Whitening whitening) {
        double gamma = number(golden, "gamma");
        return new AdvantageSettings(Baseline.NONE, Scale.NONE, 1e-4, whitening, Credit.GAE, gamma, lambda, 0.9);
    }

    private static RewardKl kl(RolloutGolden golden) {
        return new RewardKl(
                number(golden, "kl"),
                KlForm.valueOf(golden.json.get("kl_estimator").textValue().toUpperCase(Locale.ROOT)));
    }

    private static GivenRollouts source(RolloutGolden golden, int epochs, int minibatches) {
        List<RolloutGroup> groups = golden.groups();
        double penalty = golden.json.path("missing_eos_penalty").asDouble(0);
        RolloutSteps steps = new RolloutSteps(
                new RolloutSettings(epochs, Truncated.KEPT, EqualGroups.KEPT, penalty),
                advantage(golden, number(golden, "lam"), Whitening.TOKENS),
                kl(golden),
                groups.size() / minibatches);
        return new GivenRollouts(groups, groups.size(), steps, new DataOrder(false, 0, 1));
    }

    private static TokenObjective policy(RolloutGolden golden) {
        double clip = number(golden, "clip");
        return new PpoClipObjective(clip, clip, 0, 20);
    }

    private static ValueObjective value(RolloutGolden golden) {
        return new ValueObjective(number(golden, "vclip"));
    }

    private static TrainerBuilder trainer(RolloutGolden golden, JsonNode entry, Models models, boolean shared) {
        TrainerBuilder builder = golden.trainer(models.policy, entry).reference(golden.model(DataType.FLOAT));
        return shared
                ? builder.objective(policy(golden).plus(number(golden, "vf"), value(golden)))
                : builder.objective(policy(golden)).critic(models.critic, value(golden));
    }

    void trajectory(String name) {
        try (RolloutGolden golden = new RolloutGolden("ppo")) {
            JsonNode entry = golden.json.get("trajectories").get(name);
            boolean shared = entry.get("critic").textValue().equals("shared");
            int epochs = entry.get("epochs").intValue();
            int minibatches = entry.get("minibatches").intValue();
            Models models = models(golden, shared);
            Map<String, float[]> before = weights(models);
            List<StepMetrics> steps = new ArrayList<>();
            RecordedColumns source = new RecordedColumns(source(golden, epochs, minibatches));
            int rows = golden.groups().size();
            trainer(golden, entry, models, shared)
                    .macroBatch(rows)
                    .miniBatch(rows / minibatches)
                    .listener(RolloutGoldenStep.into(steps))
                    .build()
                    .fit(source);
            JsonNode expected = entry.get("steps");
            assertEquals(expected.size(), steps.size());
            for (int i = 0; i < steps.size(); i++) {
                step(golden, expected.get(i), steps.get(i), shared, i);
            }
            for (int phase = 0; phase < entry.get("phases").intValue(); phase++) {
                columns(golden, name + ".phase" + phase + ".", source.columns.get(phase));
            }
            finalWeights(golden, name, entry.get("delta_norm"), before, weights(models));
        }
    }

    private void step(RolloutGolden golden, JsonNode expected, StepMetrics step, boolean shared, int i) {
        expected.fields().forEachRemaining(field -> {
            double actual = switch (field.getKey()) {
                case "phase" -> step.macroStep() - 1;
                case "epoch", "minibatch" -> field.getValue().doubleValue(); // their order is that of the steps
                case "loss" -> step.loss();
                case "policy_loss" ->
                    shared ? step.loss() - number(golden, "vf") * step.measure("value_loss") : step.loss();
                case "clip_policy" -> step.measure("clip_low") + step.measure("clip_high");
                case "approx_kl" -> step.measure("old_kl_k2");
                case "mean_ratio" -> step.meanRatio();
                case "entropy" -> step.entropy();
                case "grad_norm" -> step.gradNorm();
                case "grad_norm_value" -> step.measure("critic_grad_norm");
                case "lr" -> step.lr();
                default -> step.measure(field.getKey());
            };
            double allowed = SHARES.contains(field.getKey()) ? 1e-9 : STEP;
            near.close(field.getValue().doubleValue(), actual, allowed, field.getKey() + " at step " + i);
        });
    }

    private void columns(RolloutGolden golden, String prefix, Map<Column, Map<Integer, double[]>> actual) {
        near(golden, prefix + "old_logprob", actual.get(Column.OLD_LOG_PROB));
        near(golden, prefix + "ref_logprob", actual.get(Column.REF_LOG_PROB));
        near(golden, prefix + "value", actual.get(Column.OLD_VALUE));
        near(golden, prefix + "return", actual.get(Column.RETURN));
        near(golden, prefix + "whitened", actual.get(Column.ADVANTAGE));
        double lambda = number(golden, "lam");
        near(golden, prefix + "advantage", unwhitened(golden, lambda, actual, actual.get(Column.OLD_VALUE)));
        near(
                golden,
                prefix + "token_reward",
                unwhitened(golden, 0, actual, Map.of())); // of a critic that knows nothing
    }

    /** Advantages of the golden's rewards from log-probs and values of a run. */
    private static Map<Integer, double[]> unwhitened(
            RolloutGolden golden,
            double lambda,
            Map<Column, Map<Integer, double[]>> columns,
            Map<Integer, double[]> values) {
        RolloutBatch batch = new RolloutBatch(golden.groups());
        double penalty = golden.json.path("missing_eos_penalty").asDouble(0);
        RolloutSteps steps = new RolloutSteps(
                new RolloutSettings(1, Truncated.KEPT, EqualGroups.KEPT, penalty),
                advantage(golden, lambda, Whitening.NONE),
                kl(golden),
                batch.size());
        int[] numbers = new int[batch.size()];
        Arrays.setAll(numbers, i -> i);
        var macro = steps.cut(batch, numbers, 1, 1);
        macro.columns().put(Column.OLD_LOG_PROB, columns.get(Column.OLD_LOG_PROB));
        macro.columns().put(Column.REF_LOG_PROB, columns.get(Column.REF_LOG_PROB));
        macro.columns().put(Column.OLD_VALUE, values);
        steps.complete(macro, batch, numbers);
        return macro.column(Column.ADVANTAGE);
    }

    private void near(RolloutGolden golden, String name, Map<Integer, double[]> actual) {
        golden.column(name).forEach((row, expected) -> {
            for (int t = 0; t < expected.length; t++) {
                near.close(expected[t], actual.get(row)[t], COLUMN, name + ", row " + row + ", token " + t);
            }
        });
    }

    /** All weights: those of a critic of its own under critic., but for its value head. */
    private static Map<String, float[]> weights(Models models) {
        Map<String, float[]> out = new LinkedHashMap<>();
        models.policy.tensors().forEach((name, tensor) -> out.put(name, values(tensor)));
        if (models.critic != null) {
            models.critic
                    .tensors()
                    .forEach((name, tensor) ->
                            out.put(ValueHeads.NAMES.contains(name) ? name : "critic." + name, values(tensor)));
        }
        return out;
    }

    private static float[] values(INDArray tensor) {
        return tensor.dup('c').data().asFloat();
    }

    private void finalWeights(
            RolloutGolden golden,
            String name,
            JsonNode norms,
            Map<String, float[]> before,
            Map<String, float[]> after) {
        int compared = 0;
        for (Map.Entry<String, float[]> entry : after.entrySet()) {
            String parameter = entry.getKey();
            double tolerance = parameter.endsWith("k_proj.bias") ? 5e-4 : 2e-4; // a gradient of next to nothing
            float[] start = before.get(parameter);
            double sum = 0;
            for (int i = 0; i < start.length; i++) {
                sum += Math.pow((double) entry.getValue()[i] - start[i], 2);
            }
            JsonNode norm = norm(norms, parameter);
            if (!norm.isMissingNode()) {
                assertEquals(norm.doubleValue(), Math.sqrt(sum), tolerance, "change of " + parameter);
            }
            String stored = "final." + name + "." + parameter;
            if (golden.tensors.names().contains(stored)) {
                compared++;
                float[] expected = golden.tensors.readFloats(stored);
                for (int i = 0; i < expected.length; i++) {
                    near.close(expected[i], entry.getValue()[i], tolerance, parameter + "[" + i + "]");
                }
            }
        }
        assertTrue(compared > 2, "only " + compared + " final weights of " + name);
    }

    /** By name, or in the objects policy and critic. */
    private static JsonNode norm(JsonNode norms, String parameter) {
        boolean critic = parameter.startsWith("critic.");
        return norms.has("policy")
                ? norms.path(critic ? "critic" : "policy").path(critic ? parameter.substring(7) : parameter)
                : norms.path(parameter);
    }

    /** One step on the whole batch with given columns. */
    void oneStep() {
        try (RolloutGolden golden = new RolloutGolden("ppo")) {
            JsonNode entry = golden.json.get("one_step");
            boolean shared = entry.get("critic").textValue().equals("shared");
            assertTrue(shared, "the golden's one step has the critic on the policy's trunk");
            Models models = models(golden, true);
            Map<Column, Map<Integer, double[]>> columns = new EnumMap<>(Column.class);
            columns.put(Column.OLD_LOG_PROB, golden.column("one_step.old_logprob"));
            columns.put(Column.REF_LOG_PROB, golden.column("one_step.ref_logprob"));
            columns.put(Column.OLD_VALUE, golden.column("one_step.old_value"));
            columns.put(Column.RETURN, golden.column("one_step.return"));
            columns.put(Column.ADVANTAGE, golden.column("one_step.whitened"));
            List<StepMetrics> steps = new ArrayList<>();
            JsonNode settings = golden.json.get("trajectories").elements().next();
            int rows = golden.groups().size();
            Map<Integer, double[]> byLogProb = new TreeMap<>();
            trainer(golden, settings, models, true)
                    .macroBatch(rows)
                    .miniBatch(rows)
                    .maxSteps(1)
                    .listener(RolloutGoldenStep.into(steps))
                    .listener(RolloutGoldenStep.derivatives(golden, byLogProb))
                    .build()
                    .fit(new RolloutGoldenStep.GivenColumns(source(golden, 1, 1), columns));
            StepMetrics step = steps.get(0);
            near.close(entry.get("loss").doubleValue(), step.loss(), 2e-6, "loss");
            near.close(entry.get("value_loss").doubleValue(), step.measure("value_loss"), 2e-6, "value_loss");
            near.close(entry.get("grad_norm").doubleValue(), step.gradNorm(), STEP, "grad_norm");
            near.close(entry.get("mean_ratio").doubleValue(), step.meanRatio(), STEP, "mean_ratio");
            near.close(entry.get("approx_kl").doubleValue(), step.measure("old_kl_k2"), STEP, "approx_kl");
            near.close(entry.get("clip_value").doubleValue(), step.measure("clip_value"), 1e-9, "clip_value");
            double clipped = step.measure("clip_low") + step.measure("clip_high");
            near.close(entry.get("clip_policy").doubleValue(), clipped, 1e-9, "clip_policy");
            golden.column("one_step.d_loss_d_logprob").forEach((row, expected) -> {
                for (int t = 0; t < expected.length; t++) {
                    near.close(expected[t], byLogProb.get(row)[t], STEP, "derivative, row " + row + ", token " + t);
                }
            });
            RolloutGoldenStep.gradients(golden, entry.get("grad_norms"), "one_step.grad.", models.policy, near);
        }
    }
}
