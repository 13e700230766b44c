package io.github.psft4j.eval.ifeval;

import io.github.psft4j.eval.text.Characters;
import io.github.psft4j.eval.text.Language;
import io.github.psft4j.eval.text.TreebankWords;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Instructions about the whole of an answer: its language, case, beginning, end, commas, and two answers in one. */
final class WholeTextChecks {

    private static final String DIVIDER = "******";

    private WholeTextChecks() {}

    /** The text is in the language; also where no character tells one. */
    static Predicate<String> language(Arguments arguments) {
        String wanted = arguments.text("language");
        if (!Language.codes().contains(wanted)) {
            throw arguments.wrong("language", "must be one of " + String.join(", ", Language.codes()), wanted);
        }
        return text -> Language.of(text).map(wanted::equals).orElse(true);
    }

    static Predicate<String> englishCapitals(Arguments arguments) {
        return text -> Characters.isUpper(text) && isEnglish(text);
    }

    static Predicate<String> englishSmall(Arguments arguments) {
        return text -> Characters.isLower(text) && isEnglish(text);
    }

    private static boolean isEnglish(String text) {
        return Language.of(text).map("en"::equals).orElse(true);
    }

    static Predicate<String> capitalWords(Arguments arguments) {
        IntPredicate wanted = arguments.relation("capital_relation", "capital_frequency");
        return text -> wanted.test((int)
                TreebankWords.of(text).stream().filter(Characters::isUpper).count());
    }

    static Predicate<String> noComma(Arguments arguments) {
        return text -> text.indexOf(',') < 0;
    }

    /** Double quotation marks around all. */
    static Predicate<String> quoted(Arguments arguments) {
        return text -> {
            String stripped = Characters.strip(text);
            return stripped.length() > 1 && stripped.startsWith("\"") && stripped.endsWith("\"");
        };
    }

    /** The phrase at the end, without regard to case and to quotation marks behind it. */
    static Predicate<String> end(Arguments arguments) {
        String phrase = Characters.strip(arguments.text("end_phrase")).toLowerCase(Locale.ROOT);
        return text -> Characters.strip(Characters.strip(text), c -> c == '"')
                .toLowerCase(Locale.ROOT)
                .endsWith(phrase);
    }

    /** The prompt at the beginning, without regard to case. */
    static Predicate<String> repeatedPrompt(Arguments arguments) {
        String prompt = Characters.strip(arguments.text("prompt_to_repeat")).toLowerCase(Locale.ROOT);
        return text -> Characters.strip(text).toLowerCase(Locale.ROOT).startsWith(prompt);
    }

    /** Two different answers around {@code ******}; only the first and the last part may be empty. */
    static Predicate<String> twoAnswers(Arguments arguments) {
        return text -> {
            List<String> parts = List.of(text.split(Pattern.quote(DIVIDER), -1)).stream()
                    .map(Characters::strip)
                    .toList();
            boolean gap = parts.subList(1, Math.max(1, parts.size() - 1)).contains("");
            List<String> answers =
                    parts.stream().filter(part -> !part.isEmpty()).toList();
            return !gap && answers.size() == 2 && !answers.get(0).equals(answers.get(1));
        };
    }
}
