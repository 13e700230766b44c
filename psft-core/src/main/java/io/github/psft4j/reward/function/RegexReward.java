package io.github.psft4j.reward.function;

import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardSample;
import io.github.psft4j.reward.RewardSettings;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
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
        Pattern compiled = Pattern.compile(pattern);
        return samples -> samples.stream().map(s -> value(compiled, s)).toList();
    }

    private RewardValue value(Pattern compiled, RewardSample sample) {
        Matcher m = compiled.matcher(new Interruptible(sample.completion()));
        String found = null;
        if (whole ? m.matches() : m.find()) {
            do {
                found = m.groupCount() > 0 && m.group(1) != null ? m.group(1) : m.group();
            } while (!whole && m.find());
        }
        if (found == null) {
            return RewardValue.of(0, "no match");
        }
        boolean right =
                column.isEmpty() || found.strip().equals(sample.required(column).strip());
        return RewardValue.of(right ? 1 : 0, found);
    }

    /** A text that lets a search end when its thread is interrupted; some expressions never end on some texts. */
    private record Interruptible(CharSequence text) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("the search was interrupted");
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
