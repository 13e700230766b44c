package io.github.psft4j.eval.overlap;

import java.util.Locale;
import java.util.regex.Pattern;

/** A text in small letters, its words with one space between them. */
final class NormalText {

    private static final Pattern BETWEEN = Pattern.compile("\\W+", Pattern.UNICODE_CHARACTER_CLASS);

    private NormalText() {}

    static String of(String text) {
        return BETWEEN.matcher(text.toLowerCase(Locale.ROOT)).replaceAll(" ").strip();
    }

    /** The words of a normal text, none for an empty one. */
    static String[] words(String normal) {
        return normal.isEmpty() ? new String[0] : normal.split(" ");
    }
}
