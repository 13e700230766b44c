package io.github.psft4j.cli;

import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardProvider;
import io.github.psft4j.reward.RewardSettings;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Value;
import java.util.Map;

/** Rewards of the tests: how often a letter occurs, and the same for all. */
public final class LetterRewards implements RewardProvider {

    @Override
    public Map<String, Class<? extends RewardSettings>> kinds() {
        return Map.of("test_letters", Letters.class, "test_equal", Equal.class);
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
}
