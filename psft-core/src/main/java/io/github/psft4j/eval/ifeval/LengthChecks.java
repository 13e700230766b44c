package io.github.psft4j.eval.ifeval;

import io.github.psft4j.eval.text.Characters;
import io.github.psft4j.eval.text.Sentences;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Instructions about how long an answer is, and of what parts. */
final class LengthChecks {

    private static final Pattern DIVIDER =
            Pattern.compile("[" + Characters.SPACE + "]?\\*\\*\\*[" + Characters.SPACE + "]?");
    private static final Pattern BLANK_LINE = Pattern.compile("\n\n");

    private LengthChecks() {}

    static Predicate<String> words(Arguments arguments) {
        IntPredicate wanted = arguments.relation("relation", "num_words");
        return text -> wanted.test(Characters.countWords(text));
    }

    static Predicate<String> sentences(Arguments arguments) {
        IntPredicate wanted = arguments.relation("relation", "num_sentences");
        return text -> wanted.test(Sentences.of(text).size());
    }

    /** So many paragraphs between {@code ***}; only the first and the last part may be empty, and do not count then. */
    static Predicate<String> paragraphs(Arguments arguments) {
        int wanted = arguments.count("num_paragraphs");
        return text -> {
            String[] parts = DIVIDER.split(text, -1);
            int count = parts.length;
            for (int i = 0; i < parts.length; i++) {
                if (isBlank(parts[i])) {
                    if (i > 0 && i < parts.length - 1) {
                        return false;
                    }
                    count--;
                }
            }
            return count == wanted;
        };
    }

    /**
     * So many paragraphs between blank lines, the nth of which begins with the word. Empty ones are not counted, but
     * the nth is looked up among all of them.
     */
    static Predicate<String> paragraphsAndFirstWord(Arguments arguments) {
        int wanted = arguments.count("num_paragraphs");
        int nth = arguments.count("nth_paragraph");
        String first = arguments.text("first_word").toLowerCase(Locale.ROOT);
        if (nth < 1 || nth > wanted) {
            throw arguments.wrong("nth_paragraph", "must be within 1 and num_paragraphs (" + wanted + ")", nth);
        }
        return text -> {
            String[] parts = BLANK_LINE.split(text, -1);
            long count = List.of(parts).stream().filter(part -> !isBlank(part)).count();
            return count == wanted && firstWord(parts[nth - 1]).equals(first);
        };
    }

    /** The first word in small letters, up to its first sign; quotes before it are left out. */
    private static String firstWord(String paragraph) {
        String stripped = Characters.strip(paragraph);
        int end = 0;
        while (end < stripped.length() && !Characters.isSpace(stripped.codePointAt(end))) {
            end += Character.charCount(stripped.codePointAt(end));
        }
        String word = stripped.substring(0, end).replaceFirst("^'+", "").replaceFirst("^\"+", "");
        return word.split("[.,?!'\"]", 2)[0].toLowerCase(Locale.ROOT);
    }

    private static boolean isBlank(String text) {
        return text.codePoints().allMatch(Characters::isSpace);
    }
}
