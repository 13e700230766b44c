package io.github.psft4j.rollout.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.KlForm;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.rollout.Finish;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.RolloutGroup;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.Baseline;
import io.github.psft4j.rollout.advantage.Credit;
import io.github.psft4j.rollout.advantage.RewardKl;
import io.github.psft4j.rollout.advantage.Scale;
import io.github.psft4j.rollout.advantage.Whitening;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TinyRuns;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.source.DataOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stored rollouts as a source: order, resume to the last bit with a KL in the reward, refusals. */
class GivenRolloutsTest {

    private static final int STEPS = 13; // two epochs of six, and one more

    /** A ratio without a clip: loss -A r. */
    private record Ratio() implements TokenObjective {
        @Override
        public String name() {
            return "ratio";
        }

        @Override
        public Set<Column> columns() {
            return Set.of(Column.OLD_LOG_PROB, Column.ADVANTAGE);
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            for (int t = from; t < to; t++) {
                double c = tokens.column(Column.ADVANTAGE, t) * Math.exp(tokens.logRatio(t, 20));
                out.set(t, -c, c);
            }
        }
    }

    private static List<RolloutGroup> groups(int n) {
        Random random = new Random(8);
        List<RolloutGroup> out = new ArrayList<>();
        for (int g = 0; g < n; g++) {
            int[] prompt = random.ints(1 + random.nextInt(4), 0, 19).toArray();
            List<Rollout> rollouts = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int[] completion = random.ints(1 + random.nextInt(9), 0, 19).toArray();
                rollouts.add(new Rollout(prompt, completion, i == g ? Finish.LENGTH : Finish.END));
            }
            out.add(new RolloutGroup(g, rollouts, random.doubles(3).toArray()));
        }
        return out;
    }

    private static GivenRollouts source(double beta, boolean shuffle) {
        AdvantageSettings settings = new AdvantageSettings(
                Baseline.MOVING_AVERAGE, Scale.NONE, 1e-4, Whitening.TOKENS, Credit.REWARD_TO_GO, 0.9, 0.5);
        RolloutSettings twice = new RolloutSettings(2, Truncated.DROPPED, EqualGroups.KEPT);
        RolloutSteps steps = new RolloutSteps(twice, settings, new RewardKl(beta, KlForm.K3), 4);
        return new GivenRollouts(groups(3), 2, steps, new DataOrder(shuffle, 3, 1));
    }

    private static TrainerBuilder trainer(CausalLm model) {
        return TinyRuns.trainer(model)
                .objective(new Ratio())
                .reference(TinyRuns.model())
                .learningRate(5e-3)
                .maxSteps(STEPS);
    }

    private static TrainerListener into(List<StepMetrics> steps) {
        return new TrainerListener() {
            @Override
            public void onStep(StepMetrics metrics) {
                steps.add(metrics);
            }
        };
    }

    private static float[] weights(CausalLm model) {
        return model.graph().params().dup().data().asFloat();
    }

    @Test
    void resumesToTheLastBitWithItsMeasures(@TempDir Path dir) {
        CausalLm straight = TinyRuns.model();
        List<StepMetrics> steps = new ArrayList<>();
        trainer(straight)
                .checkpoints(CheckpointPolicy.every(1, dir).keep(STEPS, 0))
                .listener(into(steps))
                .build()
                .fit(source(0.3, true));
        assertEquals(STEPS, steps.size());
        assertEquals(3, steps.get(12).epoch());
        assertEquals(5, steps.get(12).macroStep());
        assertTrue(steps.get(4).measures().get("reward_kl_k3") > 0, "moved away from the reference");
        for (int step = 1; step < STEPS; step++) {
            CausalLm resumed = TinyRuns.model();
            List<StepMetrics> after = new ArrayList<>();
            Path checkpoint = new CheckpointStore(dir).directory(step);
            trainer(resumed).listener(into(after)).resume(checkpoint).build().fit(source(0.3, true));
            assertArrayEquals(weights(straight), weights(resumed), "resumed after " + step);
            for (int i = 0; i < after.size(); i++) {
                assertEquals(steps.get(step + i).measures(), after.get(i).measures(), "resumed after " + step);
            }
        }
    }

    @Test
    void otherRewardsAndSettingsAreOtherData(@TempDir Path dir) {
        assertEquals(source(0.3, true).fingerprint(), source(0.3, true).fingerprint());
        assertNotEquals(source(0.3, true).fingerprint(), source(0.2, true).fingerprint());
        assertNotEquals(source(0.3, true).fingerprint(), source(0.3, false).fingerprint());
        trainer(TinyRuns.model())
                .maxSteps(2)
                .checkpoints(CheckpointPolicy.every(1, dir))
                .build()
                .fit(source(0.3, true));
        assertThrows(
                CheckpointException.class,
                () -> trainer(TinyRuns.model())
                        .resume(new CheckpointStore(dir).directory(2))
                        .build()
                        .fit(source(0.1, true)));
    }

    @Test
    void epochsHoldEveryGroupOnce() {
        List<StepMetrics> steps = new ArrayList<>();
        GivenRollouts source = source(0, false);
        assertEquals(6, source.stepsPerEpoch(), "6 rows and 3 rows in mini-batches of 4, twice");
        assertEquals(2, source.macroStepsPerEpoch());
        assertEquals(9, source.sequences().size());
        trainer(TinyRuns.model())
                .maxSteps(0)
                .epochs(2)
                .listener(into(steps))
                .build()
                .fit(source);
        assertEquals(12, steps.size());
        assertEquals(steps.get(0).tokens(), steps.get(2).tokens(), "the same mini-batch again");
        assertEquals(2, steps.get(6).epoch());
    }

    @Test
    void whatIsMissingIsNamed() {
        assertMessage(
                "GivenRollouts compares with a frozen reference",
                () -> trainer(TinyRuns.model()).reference(null).build().fit(source(0.3, true)));
        assertMessage(
                "takes no SFT warm-up",
                () -> trainer(TinyRuns.model())
                        .sftWarmup(WarmupSchedule.steps(1))
                        .build());
        RolloutSteps steps = new RolloutSteps(RolloutSettings.DEFAULT, AdvantageSettings.grpo(), RewardKl.NONE, 4);
        assertMessage("at least one group", () -> new GivenRollouts(List.of(), 1, steps, new DataOrder(false, 0, 1)));
        List<RolloutGroup> uneven = new ArrayList<>(groups(2));
        uneven.add(new RolloutGroup(2, uneven.get(0).rollouts().subList(0, 2), 0, 1));
        assertMessage("switch shuffling off", () -> new GivenRollouts(uneven, 1, steps, new DataOrder(true, 0, 1)));
    }

    private static void assertMessage(String part, Runnable bad) {
        String message = assertThrows(IllegalArgumentException.class, bad::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
