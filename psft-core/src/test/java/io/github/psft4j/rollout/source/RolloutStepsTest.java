package io.github.psft4j.rollout.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Denominator;
import io.github.psft4j.rollout.Finish;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.RolloutBatch;
import io.github.psft4j.rollout.RolloutGroup;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.RewardKl;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MiniBatch;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which rows of a generation batch are trained, what the means divide by, and what is measured. */
class RolloutStepsTest {

    /** Two groups of three: rewards 1, 0, none applied; then equal ones. Row 1 is truncated. Completions of 1 to 6. */
    private static final RolloutBatch BATCH = new RolloutBatch(List.of(
            new RolloutGroup(0, rows(0, 1), 1, 0, Double.NaN), new RolloutGroup(1, rows(3, -1), 0.9, 0.9, 0.9)));

    private static List<Rollout> rows(int from, int truncated) {
        return IntStream.range(from, from + 3)
                .mapToObj(
                        i -> new Rollout(new int[] {1, 2}, new int[i + 1], i == truncated ? Finish.LENGTH : Finish.END))
                .toList();
    }

    private static final int[] NUMBERS = {10, 11, 12, 13, 14, 15};

    private static RolloutSteps steps(Truncated truncated, EqualGroups equal, int mini) {
        return new RolloutSteps(
                new RolloutSettings(1, truncated, equal), AdvantageSettings.grpo(), RewardKl.NONE, mini);
    }

    private static MiniBatch whole(Truncated truncated, EqualGroups equal) {
        MacroBatch macro = steps(truncated, equal, 6).cut(BATCH, NUMBERS, 1, 1);
        assertEquals(1, macro.miniBatches().size());
        return macro.miniBatches().peek();
    }

    private static void assertTotals(long tokens, long sequences, MiniBatch mini) {
        assertEquals(new Denominator(tokens, sequences), mini.totals());
    }

    @Test
    void truncatedRowsAreKeptMaskedOrDropped() {
        assertTotals(1 + 2 + 4 + 5 + 6, 5, whole(Truncated.KEPT, EqualGroups.KEPT));
        assertTotals(1 + 4 + 5 + 6, 5, whole(Truncated.MASKED, EqualGroups.KEPT));
        assertTotals(1 + 4 + 5 + 6, 4, whole(Truncated.DROPPED, EqualGroups.KEPT));
        assertArrayEquals(
                new int[] {10, 13, 14, 15},
                whole(Truncated.DROPPED, EqualGroups.KEPT).numbers(),
                "no forward pass");
    }

    @Test
    void groupsOfEqualRewardAreKeptOrDropped() {
        assertTotals(1 + 2, 2, whole(Truncated.KEPT, EqualGroups.DROPPED));
        assertTotals(1, 2, whole(Truncated.MASKED, EqualGroups.DROPPED));
        assertTotals(1, 1, whole(Truncated.DROPPED, EqualGroups.DROPPED));
    }

    @Test
    void stepsDoNotDependOnRewards() {
        RolloutSteps steps = steps(Truncated.DROPPED, EqualGroups.DROPPED, 2);
        MacroBatch macro = steps.cut(BATCH, NUMBERS, 3, 7);
        assertEquals(3, macro.miniBatches().size());
        assertEquals(3, steps.steps(BATCH.size()));
        List<MiniBatch> minis = List.copyOf(macro.miniBatches());
        assertTotals(1, 1, minis.get(0));
        assertTotals(0, 0, minis.get(1));
        assertArrayEquals(new int[] {14}, minis.get(2).numbers(), "one row, not trained");
        assertEquals(3, minis.get(0).epoch());
        assertEquals(7, minis.get(0).macroStep());
    }

    @Test
    void iterationsRepeatTheMiniBatches() {
        RolloutSteps steps = new RolloutSteps(
                new RolloutSettings(2, Truncated.KEPT, EqualGroups.KEPT), AdvantageSettings.grpo(), RewardKl.NONE, 4);
        List<MiniBatch> minis = List.copyOf(steps.cut(BATCH, NUMBERS, 1, 1).miniBatches());
        assertEquals(4, minis.size());
        assertEquals(4, steps.steps(6));
        assertSame(minis.get(0), minis.get(2));
        assertSame(minis.get(1), minis.get(3));
    }

    @Test
    void advantagesStandAtTheTokensOfTheCompletion() {
        RolloutSteps steps = steps(Truncated.DROPPED, EqualGroups.KEPT, 6);
        MacroBatch macro = steps.cut(BATCH, NUMBERS, 1, 1);
        macro.column(Column.ADVANTAGE).put(15, new double[7]); // of a checkpoint
        double[] kept = macro.column(Column.ADVANTAGE).get(15);
        steps.complete(macro, BATCH, NUMBERS);
        double a = 0.5 / (Math.sqrt(0.5) + 1e-4);
        assertArrayEquals(new double[] {0, a}, macro.column(Column.ADVANTAGE).get(10), 1e-15);
        assertArrayEquals(
                new double[] {0, -a, -a}, macro.column(Column.ADVANTAGE).get(11), 1e-15);
        assertArrayEquals(
                new double[] {0, 0, 0, 0}, macro.column(Column.ADVANTAGE).get(12));
        assertSame(kept, macro.column(Column.ADVANTAGE).get(15));
    }

    @Test
    void batchIsMeasured() {
        MacroBatch macro = steps(Truncated.DROPPED, EqualGroups.KEPT, 6).cut(BATCH, NUMBERS, 1, 1);
        steps(Truncated.DROPPED, EqualGroups.KEPT, 6).complete(macro, BATCH, NUMBERS);
        assertEquals((1 + 0.9 * 3) / 5, macro.measures().get("reward"), 1e-15);
        assertEquals(0.5, macro.measures().get("dead_groups"));
        assertEquals(3.5, macro.measures().get("completion_length"));
        assertEquals(1.0 / 6, macro.measures().get("truncated"));
    }

    @Test
    void impossibleRolloutsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Rollout(new int[0], new int[1], Finish.END));
        assertThrows(IllegalArgumentException.class, () -> new Rollout(new int[1], new int[0], Finish.END));
        assertThrows(
                IllegalArgumentException.class, () -> new Rollout(new int[1], new int[2], Finish.END, new double[1]));
        assertThrows(IllegalArgumentException.class, () -> new RolloutGroup(0, rows(0, 0), 1, 2));
        assertThrows(
                IllegalArgumentException.class, () -> new RolloutGroup(0, rows(0, 0), 1, 2, Double.POSITIVE_INFINITY));
        assertThrows(IllegalArgumentException.class, () -> new RolloutBatch(List.of()));
        assertThrows(IllegalArgumentException.class, () -> steps(Truncated.KEPT, EqualGroups.KEPT, 0));
    }
}
