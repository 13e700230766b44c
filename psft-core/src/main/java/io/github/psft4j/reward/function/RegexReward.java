package io.github.psft4j.reward.function;

import io.github.psft4j.eval.judge.RegexSearch;
import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardSample;
import io.github.psft4j.reward.RewardSettings;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * 1 if a regular expression is found in the completion, else 0. With a column, the last match decides: its first group,
 * or the whole of it, must be the text of the column.
 *
 * @param pattern of {@link Pattern}; {@code (?s)} lets a dot match line ends
 * @param column column of the right text; empty if the match alone counts
 * @param whole whether the whole completion must match
 */
@Doc("1 if a regular expression is found in the completion, else 0.")
public record RegexReward(
        @Doc("The regular expression, in Java's syntax.") @Value
        String pattern,

        @Doc("Column that the first group of the last match must equal; empty if the match alone counts.")
        @Value(initial = "")
        String column,

        @Doc("Whether the whole completion must match.") @Value(initial = "false")
        boolean whole)
        implements RewardSettings {

    /** Refuses null and what is no regular expression. */
    public RegexReward {
        Setting.check(RegexReward.class, pattern, column, whole);
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new ParameterException(
                    "pattern", "must be a regular expression, was '" + pattern + "': " + e.getDescription());
        }
    }

    @Override
    public RewardFunction create() {
        RegexSearch search = new RegexSearch(Pattern.compile(pattern), whole, null); // the worker interrupts it
        return samples -> samples.stream().map(s -> value(search, s)).toList();
    }

    private RewardValue value(RegexSearch search, RewardSample sample) {
        String found = search.last(sample.completion());
        if (found == null) {
            return RewardValue.of(0, "no match");
        }
        boolean right =
                column.isEmpty() || found.strip().equals(sample.required(column).strip());
        return RewardValue.of(right ? 1 : 0, found);
    }
}
