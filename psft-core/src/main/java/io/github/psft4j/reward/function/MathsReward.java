package io.github.psft4j.reward.function;

import io.github.psft4j.eval.maths.Judgement;
import io.github.psft4j.eval.maths.MathVerifier;
import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardSample;
import io.github.psft4j.reward.RewardSettings;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;

/**
 * Whether the completion gives the answer of the row, by the {@link MathVerifier}.
 *
 * <p>A row whose gold answer is empty is not applicable. A judgement that runs out of time is a wrong answer: were it
 * left out, a model could learn to write answers that nobody can judge.
 *
 * @param column column of the right answer; a whole solution with a box or {@code ####} will do
 * @param right reward of the right answer
 * @param wrong reward of another answer
 * @param none reward of a completion without an answer
 */
@Doc("Whether the completion gives the answer of the row, by the verifier.")
public record MathsReward(
        @Doc("Column of the right answer.") @Value(initial = "answer")
        String column,

        @Doc("Reward of the right answer.") @Value(initial = "1")
        double right,

        @Doc("Reward of a wrong answer.") @Value(initial = "0")
        double wrong,

        @Doc("Reward of a completion without an answer.") @Value(initial = "0")
        double none)
        implements RewardSettings {

    /** Refuses null. */
    public MathsReward {
        Setting.check(MathsReward.class, column, right, wrong, none);
    }

    @Override
    public RewardFunction create() {
        MathVerifier verifier = new MathVerifier();
        return samples -> samples.stream().map(s -> value(verifier, s)).toList();
    }

    private RewardValue value(MathVerifier verifier, RewardSample sample) {
        Judgement judgement = verifier.judge(sample.required(column), sample.completion());
        String note = judgement.verdict() + (judgement.answer().isEmpty() ? "" : ": " + judgement.answer());
        return switch (judgement.verdict()) {
            case EQUAL -> RewardValue.of(right, note);
            case DIFFERENT, TIMEOUT -> RewardValue.of(wrong, note);
            case NO_ANSWER -> RewardValue.of(none, note);
            case GOLD_UNREADABLE -> RewardValue.notApplicable(note);
        };
    }
}
