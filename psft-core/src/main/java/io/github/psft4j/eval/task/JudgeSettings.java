package io.github.psft4j.eval.task;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** How answers are judged. */
public record JudgeSettings(
        @Doc("maths: the verifier; exact: equal texts; regex: the first group of the last match of judge.pattern, or"
                + " the whole match, equals the gold answer; letter: the letter of a choice;"
                + " ifeval: the instructions in the columns instruction_id_list and kwargs.")
        @Value(initial = "maths")
        JudgeKind by,

        @Doc("Column of the gold answer. A whole solution that ends in a box or in #### will do for maths; for letter"
                + " it is a letter, the number of a choice or its text.")
        @Value(initial = "answer")
        String gold,

        @Doc("Regular expression in Java's syntax, for regex.") @Value(otherwise = "none")
        String pattern,

        @Doc("Whether small and capital letters are equal, for exact and regex.") @Value(initial = "false")
        boolean ignoreCase) {

    /** Refuses what is no regular expression, and regex without one. */
    public JudgeSettings {
        Setting.check(JudgeSettings.class, by, gold, pattern, ignoreCase);
        ParameterException.check(
                by != JudgeKind.REGEX || pattern != null, "pattern", "is needed to judge by regex", pattern);
        try {
            Pattern.compile(pattern == null ? "" : pattern);
        } catch (PatternSyntaxException e) {
            throw new ParameterException(
                    "pattern", "must be a regular expression, was '" + pattern + "': " + e.getDescription());
        }
    }
}
