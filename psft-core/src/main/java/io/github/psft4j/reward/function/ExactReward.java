package io.github.psft4j.reward.function;

import io.github.psft4j.eval.judge.ExactJudge;
import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardSettings;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;

/**
 * 1 if the completion is the text of a column, else 0; space at both ends does not count.
 *
 * @param column column of the right text
 * @param ignoreCase whether small and capital letters are equal
 */
@Doc("1 if the completion is the text of a column, else 0.")
public record ExactReward(
        @Doc("Column of the right text.") @Value(initial = "answer")
        String column,

        @Doc("Whether small and capital letters are equal.") @Value(initial = "false")
        boolean ignoreCase)
        implements RewardSettings {

    /** Refuses null. */
    public ExactReward {
        Setting.check(ExactReward.class, column, ignoreCase);
    }

    @Override
    public RewardFunction create() {
        ExactJudge equal = new ExactJudge(ignoreCase);
        return samples -> samples.stream()
                .map(s -> RewardValue.of(equal.same(s.required(column), s.completion()) ? 1 : 0))
                .toList();
    }
}
