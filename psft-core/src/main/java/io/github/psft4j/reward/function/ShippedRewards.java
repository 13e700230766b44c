package io.github.psft4j.reward.function;

import io.github.psft4j.reward.RewardProvider;
import io.github.psft4j.reward.RewardSettings;
import java.util.Map;

/** Offers the rewards of this package to configurations. */
public final class ShippedRewards implements RewardProvider {

    @Override
    public Map<String, Class<? extends RewardSettings>> kinds() {
        return Map.of(
                "maths", MathsReward.class,
                "exact", ExactReward.class,
                "regex", RegexReward.class,
                "format", FormatReward.class,
                "length", LengthReward.class,
                "overlong", OverlongReward.class,
                "similarity", SimilarityReward.class,
                "program", ProgramReward.class,
                "http", HttpReward.class);
    }
}
