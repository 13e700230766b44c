package io.github.psft4j.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several functions together, and everything that one of them can do wrong. */
@Timeout(60)
class RewardsTest {

    private static final List<RewardSample> TWO = List.of(sample("a"), sample("bb"));

    private static RewardSample sample(String completion) {
        return new RewardSample(new TextNode("p"), completion, completion.length(), false, Map.of());
    }

    private static RewardFunction length() {
        return samples -> samples.stream()
                .map(s -> RewardValue.of(s.completion().length()))
                .toList();
    }

    @Test
    void totalsAreWeightedSums() throws Exception {
        try (Rewards rewards = new Rewards(List.of(
                new WeightedReward("length", 0.5, WeightedReward.LIMIT, length()),
                new WeightedReward(
                        "one", -2, WeightedReward.LIMIT, s -> Collections.nCopies(s.size(), RewardValue.of(1)))))) {
            RewardTable table = rewards.score(TWO);
            assertEquals(List.of("length", "one"), table.names());
            assertEquals(-1.5, table.totals().get(0).value());
            assertEquals(-1.0, table.totals().get(1).value());
            assertEquals(1.5, table.statistics(0).mean());
            assertEquals(Math.sqrt(0.5), table.statistics(0).deviation(), 1e-15);
            assertEquals(List.of(), table.failures());
        }
    }

    @Test
    void notApplicableIsLeftOutOfMeanAndDeviation() throws Exception {
        RewardFunction some =
                s -> List.of(RewardValue.of(3), RewardValue.notApplicable("no answer in the row"), RewardValue.of(5));
        try (Rewards rewards = new Rewards(List.of(WeightedReward.of("some", some)))) {
            RewardTable table = rewards.score(List.of(sample("a"), sample("b"), sample("c")));
            RewardStatistics statistics = table.statistics();
            assertEquals(4, statistics.mean());
            assertEquals(Math.sqrt(2), statistics.deviation(), 1e-15);
            assertEquals(2, statistics.numbers());
            assertEquals(1, statistics.notApplicable());
            assertEquals(RewardValue.State.NOT_APPLICABLE, table.totals().get(1).state());
            assertEquals(Map.of("some", Map.of()), rewards.failures());
        }
    }

    @Test
    void anotherFunctionCountsWhereOneIsNotApplicable() throws Exception {
        RewardFunction none = s -> Collections.nCopies(s.size(), RewardValue.notApplicable(""));
        try (Rewards rewards =
                new Rewards(List.of(WeightedReward.of("none", none), WeightedReward.of("length", length())))) {
            assertEquals(2, rewards.score(TWO).totals().get(1).value());
        }
    }

    @Test
    void equalRewardsHaveNoDeviationAtAll() {
        RewardStatistics statistics = RewardStatistics.of(Collections.nCopies(8, RewardValue.of(0.9)));
        assertEquals(0.9, statistics.mean());
        assertEquals(0.0, statistics.deviation());
        assertTrue(Double.isNaN(RewardStatistics.of(List.of()).mean()));
        assertTrue(Double.isNaN(RewardStatistics.of(List.of(RewardValue.of(1))).deviation()));
    }

    @Test
    void aFunctionThatThrowsIsNamedAndItsSamplesHaveNoTotal() throws Exception {
        RewardFunction broken = s -> {
            throw new IllegalStateException("no judge today");
        };
        assertFailure(broken, RewardFailure.Kind.THREW, "no judge today", 2);
    }

    @Test
    void anErrorIsAFailureToo() throws Exception {
        RewardFunction broken = s -> {
            throw new StackOverflowError();
        };
        assertFailure(broken, RewardFailure.Kind.THREW, "StackOverflowError", 2);
    }

    @Test
    void theWrongNumberOfValuesIsNamed() throws Exception {
        assertFailure(
                s -> List.of(RewardValue.of(1)),
                RewardFailure.Kind.WRONG_NUMBER_OF_VALUES,
                "1 values for 2 samples",
                2);
    }

    @Test
    void nullIsNamed() throws Exception {
        assertFailure(s -> null, RewardFailure.Kind.NULL, "null instead of a list", 2);
        assertFailure(s -> Arrays.asList(RewardValue.of(1), null), RewardFailure.Kind.NULL, "null for sample 1", 1);
    }

    @Test
    void onlyTheSampleWithNaNHasNoTotal() throws Exception {
        RewardFunction nan = s -> List.of(RewardValue.of(1), RewardValue.of(Double.NaN));
        RewardTable table = assertFailure(nan, RewardFailure.Kind.NOT_FINITE, "NaN for sample 1", 1);
        assertEquals(2, table.totals().get(0).value());
        assertEquals(RewardValue.State.FAILED, table.totals().get(1).state());
    }

    /** A broken function beside a sound one: the failure is named, counted and shown, the sound one has its values. */
    private static RewardTable assertFailure(
            RewardFunction broken, RewardFailure.Kind kind, String message, int samples) throws Exception {
        try (Rewards rewards = new Rewards(List.of(
                new WeightedReward("broken", 1, Duration.ofSeconds(20), broken),
                WeightedReward.of("length", length())))) {
            RewardTable table = rewards.score(TWO);
            assertEquals(1, table.failures().size());
            RewardFailure failure = table.failures().get(0);
            assertEquals("broken", failure.reward());
            assertEquals(kind, failure.kind());
            assertTrue(failure.message().contains(message), failure.message());
            assertEquals(samples, table.statistics().failed());
            assertEquals(Map.of(kind, (long) samples), rewards.failures().get("broken"));
            assertEquals(2, table.statistics(1).numbers());
            return table;
        }
    }

    @Test
    void aFunctionThatHangsIsInterruptedAndTheNextCallIsServed() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        RewardFunction hangsOnce = s -> {
            if (calls.incrementAndGet() == 1) {
                try {
                    Thread.sleep(60_000);
                } catch (InterruptedException e) {
                    interrupted.countDown();
                    throw e;
                }
            }
            return length().score(s);
        };
        try (Rewards rewards = new Rewards(List.of(new WeightedReward("slow", 1, Duration.ofMillis(200), hangsOnce)))) {
            long start = System.nanoTime();
            RewardTable table = rewards.score(TWO);
            assertTrue(System.nanoTime() - start < 10_000_000_000L);
            assertEquals(RewardFailure.Kind.TIMEOUT, table.failures().get(0).kind());
            assertTrue(interrupted.await(10, TimeUnit.SECONDS));
            assertEquals(2, rewards.score(TWO).statistics().numbers());
        }
    }

    @Test
    void aFunctionThatIgnoresTheInterruptDoesNotBlockTheRun() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        RewardFunction stubborn = s -> {
            if (calls.incrementAndGet() == 1) {
                boolean open = false;
                while (!open) {
                    try {
                        release.await();
                        open = true;
                    } catch (InterruptedException e) {
                        open = false; // it does not care
                    }
                }
            }
            return length().score(s);
        };
        try (Rewards rewards =
                new Rewards(List.of(new WeightedReward("stubborn", 1, Duration.ofMillis(200), stubborn)))) {
            assertEquals(2, rewards.score(TWO).statistics().failed());
            assertEquals(2, rewards.score(TWO).statistics().numbers());
        } finally {
            release.countDown();
        }
    }

    @Test
    void aFunctionThatFailsAgainAndAgainEndsTheRun() throws Exception {
        RewardFunction broken = s -> {
            throw new IllegalStateException("gone");
        };
        try (Rewards rewards = new Rewards(List.of(WeightedReward.of("judge", broken)), 2)) {
            rewards.score(TWO);
            RewardException e = assertThrows(RewardException.class, () -> rewards.score(TWO));
            assertTrue(e.getMessage().contains("reward judge failed in 2 calls in a row"), e.getMessage());
            assertTrue(e.getMessage().contains("gone"), e.getMessage());
        }
    }

    @Test
    void theCallersInterruptEndsTheCall() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        RewardFunction waits = s -> {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return List.of();
        };
        try (Rewards rewards = new Rewards(List.of(WeightedReward.of("waits", waits)))) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, () -> rewards.score(TWO));
        }
    }

    @Test
    void settingsAreRefusedByName() {
        assertMessage("at least one reward", () -> new Rewards(List.of()));
        assertMessage(
                "two rewards are called a",
                () -> new Rewards(List.of(WeightedReward.of("a", length()), WeightedReward.of("a", length()))));
        assertMessage("weight of reward a", () -> new WeightedReward("a", Double.NaN, WeightedReward.LIMIT, length()));
        assertMessage("time limit of reward a", () -> new WeightedReward("a", 1, Duration.ZERO, length()));
        assertMessage("did you mean exact?", () -> RewardRegistry.create("exakt", Map.of()));
        assertMessage("did you mean column?", () -> RewardRegistry.create("exact", Map.of("colum", "x")));
        assertMessage("reward regex needs the setting pattern", () -> RewardRegistry.create("regex", Map.of()));
        assertMessage("must be a regular expression", () -> RewardRegistry.create("regex", Map.of("pattern", "(")));
        assertMessage(
                "buffer must be at most",
                () -> RewardRegistry.create("overlong", Map.of("max_length", 5, "buffer", 9)));
        assertMessage("max_length: ", () -> RewardRegistry.create("overlong", Map.of("buffer", 9)));
        assertMessage("http://", () -> RewardRegistry.create("http", Map.of("url", "ftp://x")));
    }

    private static void assertMessage(String part, Runnable create) {
        String message =
                assertThrows(IllegalArgumentException.class, create::run).getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void aResumedRunIsComparedByWeightsAndSettingsOfItsRewards() {
        RewardFunction function = samples -> List.of();
        Set<String> texts = new HashSet<>();
        for (double weight : new double[] {1, 2}) {
            for (String settings : List.of("exact {column=answer}", "exact {column=result}")) {
                texts.add(new Rewards(
                                List.of(new WeightedReward("one", weight, WeightedReward.LIMIT, function, settings)))
                        .describe());
            }
        }
        assertEquals(4, texts.size(), texts.toString());
    }
}
