package io.github.psft4j.eval.text;

import java.util.function.IntPredicate;
import java.util.regex.Pattern;

/**
 * White space, words and capitals as Python has them. Java differs: a no-break space is no white space in
 * {@link String#strip}.
 */
public final class Characters {

    /** Inside a character class of {@link Pattern}: what {@code \s} stands for in Python. */
    public static final String SPACE = "\\t-\\r\\x1c-\\x20\\x85\\p{Z}";

    /**
     * Inside a character class: what {@code \w} stands for in Python, where marks of Indian scripts are no part of it.
     */
    public static final String WORD = "\\p{L}\\p{N}_";

    /** NLTK counts with the package {@code regex}, where marks are part of a word, as in Java. */
    private static final Pattern WORDS = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

    private Characters() {}

    /** Whether a code point is white space. */
    public static boolean isSpace(int c) {
        return c >= '\t' && c <= '\r' || c >= 0x1c && c <= 0x20 || c == 0x85 || Character.isSpaceChar(c);
    }

    /** The text without white space at its ends. */
    public static String strip(String text) {
        return strip(text, Characters::isSpace);
    }

    /** The text without such characters at its ends. */
    public static String strip(String text, IntPredicate unwanted) {
        int to = end(text, unwanted);
        int from = 0;
        while (from < to && unwanted.test(text.codePointAt(from))) {
            from += Character.charCount(text.codePointAt(from));
        }
        return text.substring(from, to);
    }

    /** Where the text ends without white space behind it. */
    static int end(String text) {
        return end(text, Characters::isSpace);
    }

    private static int end(String text, IntPredicate unwanted) {
        int to = text.length();
        while (to > 0 && unwanted.test(text.codePointBefore(to))) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return to;
    }

    /** Whether there is a letter with a case, and none that is not a capital. */
    public static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }

    /** Whether there is a letter with a case, and none that is not small. */
    public static boolean isLower(String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    /** How many words a text has: longest runs of letters with their marks, digits and underscores. */
    public static int countWords(String text) {
        return (int) WORDS.matcher(text).results().count();
    }
}
