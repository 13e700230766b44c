package io.github.psft4j.reward.function;

import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardSample;
import io.github.psft4j.reward.RewardSettings;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;

/**
 * How much of a column's text the completion has, from 0 to 1: {@code 2 M / (a + b)} with M equal characters in order.
 *
 * <p>It is the ratio of Python's {@code difflib.SequenceMatcher(None, completion, answer)}, which prime-rl's
 * reverse-text environment takes, with that class's rule about frequent characters of texts from 200 characters on.
 *
 * @param column column of the right text
 * @param reverse whether the right text is the column backwards
 * @param tag only what stands in this tag of the completion counts, empty for all; without the tag the reward is 0
 */
@Doc("How much of a column's text the completion has, from 0 to 1, as difflib's ratio.")
public record SimilarityReward(
        @Doc("Column of the right text.") @Value(initial = "answer")
        String column,

        @Doc("Whether the right text is the column backwards.") @Value(initial = "false")
        boolean reverse,

        @Doc("Tag of the completion that counts; empty for all of it.") @Value(initial = "")
        String tag)
        implements RewardSettings {

    /** The search takes the product of the lengths; a longer text is compared up to here. */
    static final int MAX_LENGTH = 10_000;

    /** Refuses null. */
    public SimilarityReward {
        Setting.check(SimilarityReward.class, column, reverse, tag);
    }

    @Override
    public RewardFunction create() {
        return samples -> samples.stream().map(this::value).toList();
    }

    private RewardValue value(RewardSample sample) {
        String right = sample.required(column).strip();
        if (reverse) {
            right = new StringBuilder(right).reverse().toString();
        }
        String text = sample.completion().strip();
        if (!tag.isEmpty()) {
            String open = "<" + tag + ">";
            int from = text.lastIndexOf(open);
            int to = from < 0 ? -1 : text.indexOf("</" + tag + ">", from);
            if (to < 0) {
                return RewardValue.of(0, "no " + open);
            }
            text = text.substring(from + open.length(), to).strip();
        }
        if (text.length() > MAX_LENGTH || right.length() > MAX_LENGTH) {
            return RewardValue.notApplicable("a text of more than " + MAX_LENGTH + " characters");
        }
        return RewardValue.of(new SequenceRatio(text, right).ratio());
    }
}
