package io.github.psft4j.losses;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.data.batch.Packing;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.LossSweep;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.RewardKl;
import io.github.psft4j.rollout.source.EqualGroups;
import io.github.psft4j.rollout.source.GivenRollouts;
import io.github.psft4j.rollout.source.RolloutSettings;
import io.github.psft4j.rollout.source.RolloutSteps;
import io.github.psft4j.rollout.source.Truncated;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TokenListener;
import io.github.psft4j.train.TrainedTokens;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.source.DataOrder;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MacroBatchSource;
import io.github.psft4j.train.source.MiniBatch;
import io.github.psft4j.transformer.LogProbPass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;

/** One optimizer step on the first batch of the goldens, whose log-probs and advantages are given. */
final class RolloutGoldenStep {

    private static final DataOrder IN_ORDER = new DataOrder(false, 0, 1);

    private final String name;
    private final Near near;

    RolloutGoldenStep(String name, Near near) {
        this.name = name;
        this.near = near;
    }

    /** Given rollouts whose log-probs and advantages are given too. */
    record GivenColumns(GivenRollouts rollouts, Map<Column, Map<Integer, double[]>> columns)
            implements MacroBatchSource {

        @Override
        public MacroBatch next(CausalLm policy, int steps) {
            MacroBatch macro = rollouts.next(policy, steps);
            macro.columns().putAll(columns);
            return macro;
        }

        @Override
        public MacroBatch resume(int trained, int left) {
            return rollouts.resume(trained, left);
        }

        @Override
        public Set<Column> fills() {
            return columns.keySet();
        }

        @Override
        public String fingerprint() {
            return rollouts.fingerprint();
        }
    }

    private static GivenColumns firstBatch(RolloutGolden golden, JsonNode entry) {
        Truncated truncated =
                Truncated.valueOf(entry.get("truncated").textValue().toUpperCase(Locale.ROOT));
        RolloutSteps steps = new RolloutSteps(
                new RolloutSettings(1, truncated, EqualGroups.KEPT),
                AdvantageSettings.grpo(),
                RewardKl.NONE,
                golden.rowsPerBatch());
        Map<Column, Map<Integer, double[]>> columns = new EnumMap<>(Column.class);
        columns.put(Column.OLD_LOG_PROB, golden.column("one_step.old_logprob"));
        columns.put(Column.REF_LOG_PROB, golden.column("one_step.ref_logprob"));
        double[] advantages = golden.tensors.readDoubles("one_step.advantage");
        Map<Integer, double[]> spread = columns.computeIfAbsent(Column.ADVANTAGE, c -> new TreeMap<>());
        columns.get(Column.OLD_LOG_PROB).forEach((row, old) -> {
            double[] same = new double[old.length];
            Arrays.fill(same, advantages[row]);
            spread.put(row, same);
        });
        return new GivenColumns(new GivenRollouts(golden.groups(), golden.groupsPerBatch(), steps, IN_ORDER), columns);
    }

    void lossAndDerivatives() {
        try (RolloutGolden golden = new RolloutGolden("grpo")) {
            JsonNode entry = golden.json.get("one_step").get(name);
            TokenObjective objective = golden.objective(entry);
            CausalLm model = golden.model(DataType.FLOAT);
            GivenColumns source = firstBatch(golden, entry);
            MacroBatch macro = source.next(model, 1);
            MiniBatch mini = macro.miniBatches().remove();
            PackedTokens packed = PackedTokens.of(mini.sequences(), Packing.onePerRow(mini.sequences()));
            new LogProbPass(model.graph(), model.config()).run(packed.ids(), packed.layout(), packed.tokens());
            int[] place = places(packed);
            TokenBatch tokens = tokens(packed, mini, macro, objective, place);
            LossSweep sweep = new LossSweep(objective, objective.aggregation(), mini.totals(), tokens);
            sweep.accept(0, tokens.size());
            near.close(entry.get("loss").doubleValue(), sweep.report().value(), 2e-6, "loss of " + name);
            Map<Integer, double[]> expected = golden.column("one_step.d_loss_d_logprob." + name);
            Map<Integer, double[]> actual = new TreeMap<>();
            expected.forEach((row, values) -> actual.put(row, new double[values.length]));
            for (int t = 0; t < tokens.size(); t++) {
                actual.get(mini.numbers()[tokens.sequence(t)])[place[t]] = -sweep.scale()[t];
            }
            expected.forEach((row, values) -> {
                for (int t = 0; t < values.length; t++) {
                    near.close(
                            values[t], actual.get(row)[t], 2e-5, "derivative of " + name + ", row " + row + ", " + t);
                }
            });
        }
    }

    /** Index of every trained token in its sequence's column. */
    private static int[] places(PackedTokens packed) {
        return IntStream.range(0, packed.tokens().size()).map(packed::position).toArray();
    }

    private static TokenBatch tokens(
            PackedTokens packed, MiniBatch mini, MacroBatch macro, TokenObjective objective, int[] place) {
        TokenBatch scored = packed.tokens();
        Map<Column, double[]> columns = new EnumMap<>(Column.class);
        for (Column column : objective.columns()) {
            double[] values = new double[scored.size()];
            Arrays.setAll(values, t -> macro.column(column).get(mini.numbers()[scored.sequence(t)])[place[t]]);
            columns.put(column, values);
        }
        int[] sequence = IntStream.range(0, scored.size()).map(scored::sequence).toArray();
        TokenBatch tokens = new TokenBatch(
                scored.targets(), scored.rows(), scored.totalRows(), sequence, scored.sequences(), columns);
        System.arraycopy(scored.statistics().logProb(), 0, tokens.statistics().logProb(), 0, scored.size());
        return tokens;
    }

    void trainer() {
        try (RolloutGolden golden = new RolloutGolden("grpo")) {
            JsonNode entry = golden.json.get("one_step").get(name);
            CausalLm model = golden.model(DataType.FLOAT);
            List<StepMetrics> steps = new ArrayList<>();
            PsftTrainer.builder(model)
                    .objective(golden.objective(entry))
                    .reference(golden.model(DataType.FLOAT))
                    .macroBatch(golden.rowsPerBatch())
                    .miniBatch(golden.rowsPerBatch())
                    .learningRate(1e-6)
                    .warmupSteps(0)
                    .maxSteps(1)
                    .listener(into(steps))
                    .build()
                    .fit(firstBatch(golden, entry));
            StepMetrics step = steps.get(0);
            near.close(entry.get("loss").doubleValue(), step.loss(), 2e-6, "loss");
            near.close(entry.get("grad_norm").doubleValue(), step.gradNorm(), 2e-5, "grad_norm");
            near.close(entry.get("mean_ratio").doubleValue(), step.meanRatio(), 2e-5, "mean_ratio");
            if (step.measures().containsKey("clip_low") && !name.startsWith("cispo")) { // which only clips above
                near.close(entry.get("clip_low").doubleValue(), step.measures().get("clip_low"), 1e-9, "clip_low");
                near.close(entry.get("clip_high").doubleValue(), step.measures().get("clip_high"), 1e-9, "clip_high");
            }
            gradients(golden, entry.get("grad_norms"), "one_step.grad." + name + ".", model, near);
        }
    }

    /** Compares the gradients of the last step: all norms, and those that are stored element by element. */
    static void gradients(RolloutGolden golden, JsonNode norms, String prefix, CausalLm model, Near near) {
        List<String> names = List.copyOf(golden.tensors.names());
        model.tensors(model.graph().getFlattenedGradients()).forEach((parameter, gradient) -> {
            double[] actual = gradient.dup('c').castTo(DataType.DOUBLE).data().asDouble();
            double norm = Math.sqrt(Arrays.stream(actual).map(g -> g * g).sum());
            near.close(norms.get(parameter).doubleValue(), norm, 2e-5, "norm of " + parameter);
            if (names.contains(prefix + parameter)) {
                double[] expected = golden.tensors.readDoubles(prefix + parameter);
                double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
                for (int i = 0; i < expected.length; i++) {
                    near.close(expected[i] / largest, actual[i] / largest, 2e-5, parameter + "[" + i + "]");
                }
            }
        });
    }

    /** Derivatives of the mean over tokens by the log-prob of every token, by row. */
    static TokenListener derivatives(RolloutGolden golden, Map<Integer, double[]> into) {
        List<Demonstration> rows = golden.groups().stream()
                .flatMap(group -> group.rollouts().stream())
                .map(Rollout::sequence)
                .toList();
        return new TokenListener() {
            @Override
            public void onTokens(TrainedTokens tokens) {
                for (int t = 0; t < tokens.size(); t++) {
                    int row = rows.indexOf(tokens.demonstration(t));
                    into.computeIfAbsent(row, r -> new double[rows.get(r).length() - 1])[tokens.position(t) - 1] =
                            -tokens.coefficient(t) / tokens.size();
                }
            }
        };
    }

    static TrainerListener into(List<StepMetrics> steps) {
        return new TrainerListener() {
            @Override
            public void onStep(StepMetrics metrics) {
                steps.add(metrics);
            }
        };
    }
}
