package io.github.psft4j.eval.maths;

import java.util.Locale;
import java.util.regex.Pattern;

/** Text as it is compared: small letters and digits, without commands, marks, spaces and articles. */
final class TextForm {

    private static final Pattern COMMAND =
            Pattern.compile("\\\\(?:text[a-z]{0,4}|math[a-z]{2,3}|mbox|operatorname|left|right"
                    + "|displaystyle|boxed|dfrac|tfrac|[,;:! ]|quad|qquad)(?![a-z])");
    private static final Pattern HALF_OF_DAY = Pattern.compile("\\b([ap])\\.\\s?m\\b");
    private static final Pattern ARTICLE = Pattern.compile("^(?:the|an|a) ");
    private static final Pattern MARKS = Pattern.compile("[\\s$\"'`*.,;:!?{}()\\[\\]~_-]+");

    private TextForm() {}

    static String of(String text) {
        String s = text.length() > 20_000 ? text.substring(text.length() - 20_000) : text;
        s = COMMAND.matcher(s).replaceAll(" ");
        s = s.toLowerCase(Locale.ROOT);
        s = HALF_OF_DAY.matcher(s).replaceAll("$1m");
        s = MARKS.matcher(s).replaceAll(" ").strip().replace(" and ", " ");
        return ARTICLE.matcher(s).replaceFirst("");
    }
}
