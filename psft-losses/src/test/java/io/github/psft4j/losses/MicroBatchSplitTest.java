package io.github.psft4j.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.rollout.Finish;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.RolloutGroup;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.RewardKl;
import io.github.psft4j.rollout.source.EqualGroups;
import io.github.psft4j.rollout.source.GivenRollouts;
import io.github.psft4j.rollout.source.RolloutSettings;
import io.github.psft4j.rollout.source.RolloutSteps;
import io.github.psft4j.rollout.source.Truncated;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.source.DataOrder;
import io.github.psft4j.train.source.MacroBatchSource;
import io.github.psft4j.train.source.UnpairedAnswers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Any split of a mini-batch into micro-batches, padded or packed, gives the same gradient for every objective of the
 * registry and every source it has. Those that look at the whole mini-batch say so and refuse the split.
 */
class MicroBatchSplitTest {

    private static final int ROWS = 8;

    /** With an epsilon far above every gradient, AdamW's step is the gradient: lr g / (|g| + epsilon). */
    private static final double EPSILON = 1e6;

    private static final double RATE = 0.1;

    static Stream<TokenObjective> objectives() {
        return Stream.concat(
                ObjectiveRegistry.names().stream().map(name -> create(name, Map.of())),
                Stream.of("grpo", "dr-grpo", "dapo", "cispo", "gspo", "sapo")
                        .flatMap(name ->
                                Stream.of("k3-ratio", "full").map(kl -> create(name, Map.of("beta", 0.1, "kl", kl)))));
    }

    /** Dr. GRPO's constant is one of short answers, so that its gradient is no smaller than the others'. */
    private static TokenObjective create(String name, Map<String, Object> given) {
        Map<String, Object> all = new HashMap<>(given);
        if (name.equals("dr-grpo")) {
            all.put("maxLength", 9);
        }
        return ObjectiveRegistry.create(name, all);
    }

    private record Step(float[] gradient, StepMetrics metrics) {}

    /** What two steps of plain descent change, over their rate; in the second one ratios are not 1. */
    private static Step step(TokenObjective objective, UnaryOperator<TrainerBuilder> split) {
        CausalLm model = TinyRuns.model(1);
        List<StepMetrics> steps = new ArrayList<>();
        TrainerBuilder builder = PsftTrainer.builder(model)
                .objective(objective)
                .reference(TinyRuns.model(2))
                .macroBatch(2 * ROWS)
                .miniBatch(ROWS)
                .adamEpsilon(EPSILON)
                .learningRate(RATE * EPSILON)
                .weightDecay(0)
                .maxGradNorm(0)
                .warmupSteps(0)
                .shuffle(false)
                .maxSteps(2)
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics metrics) {
                        steps.add(metrics);
                    }
                });
        split.apply(builder);
        float[] before = TinyRuns.weights(model);
        if (objective.name().equals("kto")) {
            boolean[] good = new boolean[2 * ROWS];
            Arrays.fill(good, 0, ROWS, true);
            builder.build().fit(new UnpairedAnswers(demonstrations(), good, ROWS));
        } else if (objective.columns().contains(Column.ADVANTAGE)) {
            builder.build().fit(rollouts(objective));
        } else {
            builder.build().fit(demonstrations());
        }
        float[] after = TinyRuns.weights(model);
        float[] gradient = new float[before.length];
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = (before[i] - after[i]) / (float) RATE;
        }
        return new Step(gradient, steps.get(steps.size() - 1));
    }

    private static List<Demonstration> demonstrations() {
        return TinyRuns.demonstrations(2 * ROWS);
    }

    /** Two groups of four. One completion is truncated and counts without being trained. */
    private static MacroBatchSource rollouts(TokenObjective objective) {
        Random random = new Random(4);
        List<RolloutGroup> groups = new ArrayList<>();
        for (int g = 0; g < 2; g++) {
            int[] prompt = random.ints(2, 0, 23).toArray();
            List<Rollout> rollouts = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int[] completion = random.ints(1 + random.nextInt(9), 0, 23).toArray();
                rollouts.add(new Rollout(prompt, completion, i == 2 && g == 0 ? Finish.LENGTH : Finish.END));
            }
            groups.add(new RolloutGroup(g, rollouts, random.doubles(4).toArray()));
        }
        RewardKl kl = objective.name().equals("rloo") || objective.name().equals("reinforce-plus-plus")
                ? new RewardKl(0.1, RewardKl.NONE.kl())
                : RewardKl.NONE;
        RolloutSteps steps = new RolloutSteps(
                new RolloutSettings(2, Truncated.MASKED, EqualGroups.KEPT),
                AdvantageSettings.of(objective.name()),
                kl,
                ROWS);
        return new GivenRollouts(groups, 2, steps, new DataOrder(false, 0, 1));
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void anySplitHasTheSameGradient(TokenObjective objective) {
        List<Integer> sizes = objective.neighbours() == 2 ? List.of(2, 4) : List.of(1, 3);
        if (objective.scope() == Scope.BATCH) {
            String message = assertThrows(
                            IllegalArgumentException.class, () -> step(objective, b -> b.microBatch(sizes.get(0))))
                    .getMessage();
            assertTrue(message.contains("looks at the whole mini-batch"), message);
            return;
        }
        Step whole = step(objective, UnaryOperator.identity());
        float largest = 0;
        for (float g : whole.gradient) {
            largest = Math.max(largest, Math.abs(g));
        }
        assertTrue(largest > 1e-3, "there is a gradient");
        for (int size : sizes) {
            assertSame(whole, step(objective, b -> b.microBatch(size)), "of " + size);
            assertSame(whole, step(objective, b -> b.microBatch(size).packing(40)), "packed, of " + size);
        }
        if (objective.neighbours() == 1) {
            assertSame(whole, step(objective, b -> b.microBatch(3).lengthGrouping(true)), "by length");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sft", "psft", "gspo", "rloo", "sft-kl"})
    void anySplitHasTheSameGradientWhateverTheMean(String name) {
        TokenObjective objective = create(name, Map.of());
        for (Aggregation aggregation : Aggregation.values()) { // one step: that of a sum is too long for a second one
            UnaryOperator<TrainerBuilder> mean = b -> b.aggregation(aggregation).maxSteps(1);
            Step cut = step(objective, b -> mean.apply(b).microBatch(3));
            assertSame(step(objective, mean), cut, name + " " + aggregation);
        }
    }

    private static void assertSame(Step expected, Step actual, String what) {
        float scale = 1;
        for (float g : expected.gradient) {
            scale = Math.max(scale, Math.abs(g));
        }
        assertArrayEquals(expected.gradient, actual.gradient, 1e-5f * scale, what);
        assertNear(expected.metrics.loss(), actual.metrics.loss(), what);
        Map<String, Double> measures = expected.metrics.measures();
        assertEquals(measures.keySet(), actual.metrics.measures().keySet(), what);
        measures.forEach(
                (name, value) -> assertNear(value, actual.metrics.measures().get(name), what + ": " + name));
    }

    private static void assertNear(double expected, double actual, String what) {
        assertEquals(expected, actual, 1e-5 * Math.max(1, Math.abs(expected)), what);
    }
}
