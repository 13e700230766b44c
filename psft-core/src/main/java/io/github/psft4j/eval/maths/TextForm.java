package io.github.psft4j.eval.maths;

import java.util.Locale;
import java.util.regex.Pattern;

/** Text as it is compared: small letters and digits, without commands, marks, spaces and articles. */
final class TextForm {

    private static final Pattern COMMAND =
            Pattern.compile("\\\\(?:text[a-z]{0,4}|math[a-z]{2,3}|mbox|operatorname|left|right"
                    + "|displaystyle|boxed|dfrac|tfrac|[,;:! ]|quad|qquad)(?![a-z])");
    private static final Pattern ARTICLE = Pattern.compile("^(?:the|an|a) ");
    private static final Pattern MARKS = Pattern.compile("[\\s$\"'`*.,;:!?{}()\\[\\]~_-]+");

    private TextForm() {}

    static String of(String text) {
        String s = text.length() > 20_000 ? text.substring(text.length() - 20_000) : text;
        s = COMMAND.matcher(s).replaceAll(" ");
        s = s.toLowerCase(Locale.ROOT);
        s = MARKS.matcher(s).replaceAll(" ").strip();
        return ARTICLE.matcher(s).replaceFirst("");
    }
}
