package io.github.psft4j.examples.skills;

import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardProvider;
import io.github.psft4j.reward.RewardSample;
import io.github.psft4j.reward.RewardSettings;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Value;
import java.util.Map;

/** The reward of the skill testbed, for configurations: the shortest example of a {@link RewardProvider}. */
public final class SkillRewards implements RewardProvider {

    @Override
    public Map<String, Class<? extends RewardSettings>> kinds() {
        return Map.of("skill_answer", Answer.class);
    }

    /** 1 for a completion that ends with the right answer in any style of the testbed, else 0. */
    @Doc("Skill testbed: 1 for the right answer in any style, else 0")
    public record Answer(
            @Doc("column of the right answer") @Value(initial = "answer")
            String column) implements RewardSettings {

        @Override
        public RewardFunction create() {
            return samples -> samples.stream()
                    .map(s -> RewardValue.of(isRight(s) ? 1 : 0))
                    .toList();
        }

        /** The text has no {@link Problem#END_OF_ANSWER}, because that is the end of sequence. */
        private boolean isRight(RewardSample sample) {
            return !sample.truncated()
                    && Problem.answerIn(sample.completion() + Problem.END_OF_ANSWER)
                            .filter(sample.required(column)::equals)
                            .isPresent();
        }
    }
}
