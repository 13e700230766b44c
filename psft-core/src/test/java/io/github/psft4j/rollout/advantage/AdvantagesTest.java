package io.github.psft4j.rollout.advantage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.loss.KlForm;
import io.github.psft4j.rollout.Finish;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.RolloutBatch;
import io.github.psft4j.rollout.RolloutGroup;
import io.github.psft4j.settings.ParameterException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rewards become advantages: identities between the methods, equal rewards, rewards that do not apply. */
class AdvantagesTest {

    private static final double NONE = Double.NaN;

    private static RolloutGroup group(int prompt, double... rewards) {
        List<Rollout> rollouts = IntStream.range(0, rewards.length)
                .mapToObj(i -> new Rollout(new int[] {1, 2}, new int[1 + i], Finish.END))
                .toList();
        return new RolloutGroup(prompt, rollouts, rewards);
    }

    private static double[][] tokens(AdvantageSettings settings, RewardKl kl, double[][] ratios, RolloutGroup... all) {
        RolloutBatch batch = new RolloutBatch(List.of(all));
        boolean[] trained = new boolean[batch.size()];
        Arrays.fill(trained, true);
        return new Advantages(settings, kl).of(batch, trained, ratios).tokens();
    }

    private static double[] of(AdvantageSettings settings, RolloutGroup... groups) {
        return Arrays.stream(tokens(settings, RewardKl.NONE, null, groups))
                .mapToDouble(row -> row[0])
                .toArray();
    }

    private static AdvantageSettings simple(Baseline baseline, Scale scale) {
        return AdvantageSettings.simple(baseline, scale);
    }

    /** Eight times 0.9 sums to 7.2 and a bit, and so does 0.1 of ten. */
    @ParameterizedTest
    @EnumSource(Scale.class)
    void equalRewardsGiveExactlyZero(Scale scale) {
        for (double reward : new double[] {0.1, 0.9, 1.1, -0.3}) {
            for (int size = 2; size < 12; size++) {
                double[] rewards = new double[size];
                Arrays.fill(rewards, reward);
                double[] zero = new double[size];
                for (Baseline baseline : List.of(Baseline.GROUP_MEAN, Baseline.LEAVE_ONE_OUT, Baseline.BATCH_MEAN)) {
                    assertArrayEquals(zero, of(simple(baseline, scale), group(0, rewards)), baseline + " " + size);
                }
                AdvantageSettings whitened = new AdvantageSettings(
                        Baseline.NONE, Scale.NONE, 1e-4, Whitening.SEQUENCES, Credit.SEQUENCE, 1, 0.9);
                assertArrayEquals(zero, of(whitened, group(0, rewards)), "whitened " + size);
            }
        }
    }

    @Test
    void grpoIsTheStandardisedRewardOfTheGroup() {
        double[] actual = of(AdvantageSettings.grpo(), group(0, 1, 2, 4), group(1, 0, 1));
        double deviation = Math.sqrt((16.0 + 1 + 25) / 9 / 2); // unbiased
        assertEquals(-4.0 / 3 / (deviation + 1e-4), actual[0], 1e-15);
        assertEquals(-0.5 / (Math.sqrt(0.5) + 1e-4), actual[3], 1e-15);
        double[] batch = of(simple(Baseline.GROUP_MEAN, Scale.BATCH), group(0, 1, 2, 4), group(1, 0, 1));
        double all = Moments.deviation(new double[] {1, 2, 4, 0, 1});
        assertEquals(-4.0 / 3 / (all + 1e-4), batch[0], 1e-15);
    }

    @Test
    void leavingOneOutIsTheGroupMeanTimesAConstant() {
        Random random = new Random(5);
        for (int size = 2; size < 9; size++) {
            double[] rewards = random.doubles(size).toArray();
            double[] others = of(simple(Baseline.LEAVE_ONE_OUT, Scale.NONE), group(0, rewards));
            double[] mean = of(simple(Baseline.GROUP_MEAN, Scale.NONE), group(0, rewards));
            for (int i = 0; i < size; i++) {
                assertEquals(mean[i] * size / (size - 1), others[i], 1e-14);
            }
            assertEquals(0, Arrays.stream(mean).sum(), 1e-14, "a baseline from the group leaves no sum");
        }
    }

    @Test
    void maxRlDividesByTheMean() {
        double[] actual = of(simple(Baseline.GROUP_MEAN, Scale.MEAN), group(0, 0, 0, 1, 0), group(1, 0, 0));
        assertArrayEquals(new double[] {-1, -1, 3, -1, 0, 0}, actual, 1e-15);
        assertMessage("rewards of 0 and above", () -> of(simple(Baseline.GROUP_MEAN, Scale.MEAN), group(0, 0, -1)));
    }

    @Test
    void rewardsThatDoNotApplyTakeNoPart() {
        for (Baseline baseline : Baseline.values()) {
            for (Scale scale : List.of(Scale.NONE, Scale.GROUP, Scale.BATCH)) {
                double[] with = of(simple(baseline, scale), group(0, 1, NONE, 3), group(1, 0, 5));
                double[] without = of(simple(baseline, scale), group(0, 1, 3), group(1, 0, 5));
                assertEquals(0, with[1], "none applied: " + baseline);
                assertArrayEquals(without, new double[] {with[0], with[2], with[3], with[4]}, baseline + " " + scale);
            }
        }
        assertArrayEquals(
                new double[] {0, 0}, of(AdvantageSettings.grpo(), group(0, NONE, 7)), "one reward alone says nothing");
        assertArrayEquals(new double[] {0, 0}, of(AdvantageSettings.grpo(), group(0, NONE, NONE)));
    }

    @Test
    void groupsOfOneAreRefusedWhereTheyNeedOthers() {
        assertMessage("at least 2 per prompt", () -> of(AdvantageSettings.grpo(), group(0, 1)));
        assertArrayEquals(
                new double[] {0.5, -0.5}, of(simple(Baseline.BATCH_MEAN, Scale.NONE), group(0, 1), group(1, 0)));
    }

    @Test
    void movingAverageIsThatOfTheBatchesBefore() {
        AdvantageSettings settings = new AdvantageSettings(
                Baseline.MOVING_AVERAGE, Scale.NONE, 1e-4, Whitening.NONE, Credit.SEQUENCE, 1, 0.75);
        Advantages advantages = new Advantages(settings, RewardKl.NONE);
        Advantages resumed = new Advantages(settings, RewardKl.NONE);
        double[][] rewards = {{1, 3}, {4, 6}, {0, 0}};
        double[] before = {2, 2, 0.75 * 2 + 0.25 * 5};
        for (int b = 0; b < rewards.length; b++) {
            RolloutBatch batch = new RolloutBatch(List.of(group(0, rewards[b])));
            assertEquals(before[b], advantages.of(batch, new boolean[2], null).baselines()[0], 1e-15);
            if (b < 2) {
                resumed.skip(batch);
            } else {
                assertEquals(before[b], resumed.of(batch, new boolean[2], null).baselines()[0], "as if straight");
            }
        }
    }

    @Test
    void klInTheRewardIsSubtractedBeforeTheBaseline() {
        double[][] ratios = {{0.5}, {0.1, 0.3}};
        for (KlForm form : List.of(KlForm.K1, KlForm.K2, KlForm.K3)) {
            double[] penalised = {1 - 2 * form.value(0.5, 1), 4 - 2 * (form.value(0.1, 1) + form.value(0.3, 1))};
            double[] expected = of(AdvantageSettings.grpo(), group(0, penalised));
            double[][] actual = tokens(AdvantageSettings.grpo(), new RewardKl(2, form), ratios, group(0, 1, 4));
            assertArrayEquals(new double[] {expected[0]}, actual[0], 1e-14);
            assertArrayEquals(new double[] {expected[1], expected[1]}, actual[1], 1e-14);
        }
        assertThrows(ParameterException.class, () -> new RewardKl(1, KlForm.K3_RATIO));
    }

    @Test
    void rewardToGoIsTheDiscountedSumOfWhatFollows() {
        AdvantageSettings settings =
                new AdvantageSettings(Baseline.NONE, Scale.NONE, 1e-4, Whitening.NONE, Credit.REWARD_TO_GO, 0.5, 0.9);
        double[][] ratios = {{0.5}, {0.1, 0.3}};
        double[][] actual = tokens(settings, new RewardKl(2, KlForm.K1), ratios, group(0, 1, 4));
        assertArrayEquals(new double[] {0}, actual[0], 1e-15); // 1 - 2 x 0.5
        assertArrayEquals(new double[] {-0.2 + 0.5 * 3.4, 3.4}, actual[1], 1e-15);
    }

    @Test
    void whitenedAdvantagesHaveMeanZeroAndDeviationOne() {
        AdvantageSettings tokens = AdvantageSettings.of("reinforce-plus-plus");
        double[] all = Arrays.stream(tokens(tokens, RewardKl.NONE, null, group(0, 1, 2, 4), group(1, 0, 1)))
                .flatMapToDouble(Arrays::stream)
                .toArray();
        assertEquals(9, all.length);
        assertEquals(0, Moments.mean(all), 1e-14);
        assertEquals(1, Moments.deviation(all), 1e-7);
        AdvantageSettings sequences = new AdvantageSettings(
                Baseline.LEAVE_ONE_OUT, Scale.NONE, 0, Whitening.SEQUENCES, Credit.SEQUENCE, 1, 0.9);
        double[] ofSequences = of(sequences, group(0, 1, 2, 4), group(1, 0, 1));
        assertEquals(0, Moments.mean(ofSequences), 1e-14);
        assertEquals(1, Moments.deviation(ofSequences), 1e-14);
    }

    private static void assertMessage(String part, Runnable bad) {
        String message = assertThrows(IllegalArgumentException.class, bad::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
