package io.github.psft4j.eval.task;

import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with names in double braces. Single braces stand for themselves, as in {@code \boxed{}}. */
final class PromptText {

    private static final Pattern NAME = Pattern.compile("\\{\\{\\s*([^{}]+?)\\s*\\}\\}");

    private PromptText() {}

    /** The text with a value in place of each name. */
    static String fill(String text, UnaryOperator<String> value) {
        Matcher names = NAME.matcher(text);
        return names.replaceAll(name -> Matcher.quoteReplacement(value.apply(name.group(1))));
    }
}
