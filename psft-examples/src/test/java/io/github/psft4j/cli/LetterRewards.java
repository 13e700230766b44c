package io.github.psft4j.cli;

import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardProvider;
import io.github.psft4j.reward.RewardSettings;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Value;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Rewards of the tests: how often a letter occurs, the same for all, and one that fails. */
public final class LetterRewards implements RewardProvider {

    @Override
    public Map<String, Class<? extends RewardSettings>> kinds() {
        return Map.of("test_letters", Letters.class, "test_equal", Equal.class, "test_broken", Broken.class);
    }

    /** A letter. */
    @Doc("How often a letter occurs.")
    public record Letters(
            @Doc("the letter") @Value(initial = "e") String letter) implements RewardSettings {
        @Override
        public RewardFunction create() {
            return samples -> samples.stream()
                    .map(s -> RewardValue.of(s.completion().length()
                            - s.completion().replace(letter, "").length()))
                    .toList();
        }
    }

    /** The same for all. */
    @Doc("The same for all.")
    public record Equal() implements RewardSettings {
        @Override
        public RewardFunction create() {
            return samples -> samples.stream().map(s -> RewardValue.of(1)).toList();
        }
    }

    /** Fails in its second call. */
    @Doc("Fails in its second call.")
    public record Broken(
            @Doc("how: throws, hangs, nan, number") @Value String how) implements RewardSettings {
        @Override
        public RewardFunction create() {
            AtomicInteger calls = new AtomicInteger();
            return samples -> {
                List<RewardValue> values = samples.stream()
                        .map(s -> RewardValue.of(s.completion().length()))
                        .toList();
                return calls.incrementAndGet() == 2 ? broken(values) : values;
            };
        }

        private List<RewardValue> broken(List<RewardValue> values) throws InterruptedException {
            switch (how) {
                case "throws":
                    throw new IllegalStateException("no judge today");
                case "hangs":
                    new CountDownLatch(1).await();
                    throw new AssertionError("nobody opens it");
                case "nan":
                    return values.stream().map(v -> RewardValue.of(Double.NaN)).toList();
                default:
                    return values.subList(1, values.size());
            }
        }
    }
}
