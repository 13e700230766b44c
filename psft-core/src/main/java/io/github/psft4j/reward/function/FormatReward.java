package io.github.psft4j.reward.function;

import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardSettings;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.util.List;

/**
 * 1 if the completion is these tags in this order, each once and not empty, and nothing but space around them; else 0.
 *
 * @param tags names without brackets; the default asks for {@code <think>...</think> <answer>...</answer>}
 */
@Doc("1 if the completion is these tags in order, each once and not empty, with nothing around them; else 0.")
public record FormatReward(
        @Doc("Names of the tags, without brackets.") @Value(initial = "think, answer")
        List<String> tags) implements RewardSettings {

    /** Refuses an empty list and blank names. */
    public FormatReward {
        Setting.check(FormatReward.class, tags);
        tags = List.copyOf(tags);
        ParameterException.check(
                !tags.isEmpty() && tags.stream().noneMatch(t -> t.isBlank() || t.contains("<") || t.contains(">")),
                "tags",
                "must be names of tags without brackets",
                tags);
    }

    @Override
    public RewardFunction create() {
        return samples -> samples.stream()
                .map(s -> {
                    String fault = fault(s.completion());
                    return fault == null ? RewardValue.of(1) : RewardValue.of(0, fault);
                })
                .toList();
    }

    /** What is wrong with a text; null if nothing is. */
    private String fault(String text) {
        int at = 0;
        for (String tag : tags) {
            String open = "<" + tag + ">";
            String close = "</" + tag + ">";
            int from = text.indexOf(open);
            int to = text.indexOf(close);
            if (from < 0 || to < 0) {
                return "no " + (from < 0 ? open : close);
            }
            if (text.indexOf(open, from + 1) >= 0 || text.indexOf(close, to + 1) >= 0) {
                return open + " twice";
            }
            if (from < at || to < from) {
                return open + " out of order";
            }
            if (!text.substring(at, from).isBlank()) {
                return "text in front of " + open;
            }
            if (text.substring(from + open.length(), to).isBlank()) {
                return open + " is empty";
            }
            at = to + close.length();
        }
        return text.substring(at).isBlank() ? null : "text behind the last tag";
    }
}
