package io.github.psft4j.eval.ifeval;

import io.github.psft4j.eval.text.Characters;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Instructions about words and letters. A keyword is a regular expression, without regard to case. */
final class KeywordChecks {

    private static final String WORD = "[" + Characters.WORD + "]";
    private static final String EDGE = "(?:(?<=" + WORD + ")(?!" + WORD + ")|(?<!" + WORD + ")(?=" + WORD + "))";

    private KeywordChecks() {}

    /** Every keyword is found, perhaps inside of a word. */
    static Predicate<String> existence(Arguments arguments) {
        List<Pattern> keywords = arguments.texts("keywords").stream()
                .map(keyword -> arguments.pattern("keywords", keyword, "", ""))
                .toList();
        return text ->
                keywords.stream().allMatch(keyword -> keyword.matcher(text).find());
    }

    /** None of the words is found as a whole word. */
    static Predicate<String> forbidden(Arguments arguments) {
        List<Pattern> words = arguments.texts("forbidden_words").stream()
                .map(word -> arguments.pattern("forbidden_words", word, EDGE, EDGE))
                .toList();
        return text -> words.stream().noneMatch(word -> word.matcher(text).find());
    }

    /** The keyword is found so often, inside of words as well. */
    static Predicate<String> frequency(Arguments arguments) {
        String keyword = Characters.strip(arguments.text("keyword"));
        Pattern pattern = arguments.pattern("keyword", keyword, "", "");
        IntPredicate wanted = arguments.relation("relation", "frequency");
        return text -> wanted.test((int) pattern.matcher(text).results().count());
    }

    /** The letter, or sign, comes so often; capitals count as small letters. */
    static Predicate<String> letterFrequency(Arguments arguments) {
        String letter = arguments.text("letter").toLowerCase(Locale.ROOT);
        if (letter.codePointCount(0, letter.length()) != 1) {
            throw arguments.wrong("letter", "must be one character", letter);
        }
        IntPredicate wanted = arguments.relation("let_relation", "let_frequency");
        return text -> wanted.test((int) text.toLowerCase(Locale.ROOT)
                .codePoints()
                .filter(c -> c == letter.codePointAt(0))
                .count());
    }
}
