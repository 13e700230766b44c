package io.github.psft4j.eval.ifeval;

import static java.util.Map.entry;

import io.github.psft4j.eval.text.Characters;
import io.github.psft4j.io.NearestName;
import io.github.psft4j.io.Shown;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** One of IFEval's 25 instructions with its arguments. Immutable and thread-safe. */
public final class Instruction {

    private static final Map<String, Function<Arguments, Predicate<String>>> KINDS = Map.ofEntries(
            entry("keywords:existence", KeywordChecks::existence),
            entry("keywords:frequency", KeywordChecks::frequency),
            entry("keywords:forbidden_words", KeywordChecks::forbidden),
            entry("keywords:letter_frequency", KeywordChecks::letterFrequency),
            entry("language:response_language", WholeTextChecks::language),
            entry("length_constraints:number_sentences", LengthChecks::sentences),
            entry("length_constraints:number_paragraphs", LengthChecks::paragraphs),
            entry("length_constraints:number_words", LengthChecks::words),
            entry("length_constraints:nth_paragraph_first_word", LengthChecks::paragraphsAndFirstWord),
            entry("detectable_content:number_placeholders", FormatChecks::placeholders),
            entry("detectable_content:postscript", FormatChecks::postscript),
            entry("detectable_format:number_bullet_lists", FormatChecks::bullets),
            entry("detectable_format:constrained_response", FormatChecks::constrained),
            entry("detectable_format:number_highlighted_sections", FormatChecks::highlights),
            entry("detectable_format:multiple_sections", FormatChecks::sections),
            entry("detectable_format:json_format", FormatChecks::json),
            entry("detectable_format:title", FormatChecks::title),
            entry("combination:two_responses", WholeTextChecks::twoAnswers),
            entry("combination:repeat_prompt", WholeTextChecks::repeatedPrompt),
            entry("startend:end_checker", WholeTextChecks::end),
            entry("startend:quotation", WholeTextChecks::quoted),
            entry("change_case:capital_word_frequency", WholeTextChecks::capitalWords),
            entry("change_case:english_capital", WholeTextChecks::englishCapitals),
            entry("change_case:english_lowercase", WholeTextChecks::englishSmall),
            entry("punctuation:no_comma", WholeTextChecks::noComma));

    private final String id;
    private final Predicate<String> check;

    private Instruction(String id, Predicate<String> check) {
        this.id = id;
        this.check = check;
    }

    /**
     * @param id of the instruction, such as {@code keywords:existence}
     * @param arguments its element of {@code kwargs}; null values and names of other instructions do not matter
     * @throws IllegalArgumentException naming the instruction, the argument and its value, if the id is unknown or an
     *     argument is missing or wrong
     */
    public static Instruction of(String id, Map<String, ?> arguments) {
        Function<Arguments, Predicate<String>> kind = KINDS.get(id);
        if (kind == null) {
            throw new IllegalArgumentException("unknown instruction " + Shown.brief(id)
                    + NearestName.hint(id, KINDS.keySet()) + "; the kinds are " + String.join(", ", ids()));
        }
        return new Instruction(id, kind.apply(new Arguments(id, arguments)));
    }

    /** The ids of all kinds, sorted. */
    public static Collection<String> ids() {
        return new TreeSet<>(KINDS.keySet());
    }

    /** The id, such as {@code keywords:existence}. */
    public String id() {
        return id;
    }

    /** Whether the text follows the instruction; an empty one never does. */
    public boolean isFollowed(String text) {
        return !Characters.strip(text).isEmpty() && check.test(text);
    }

    /**
     * Whether a form of the text follows the instruction. The forms are the text as it is, without its first line, its
     * last line or both, and each of these without asterisks.
     */
    public boolean isFollowedLoosely(String text) {
        List<String> lines = List.of(text.split("\n", -1));
        int last = lines.size() - 1;
        return Stream.of(
                        text,
                        joined(lines.subList(1, lines.size())),
                        joined(lines.subList(0, last)),
                        joined(lines.subList(1, Math.max(1, last))))
                .flatMap(form -> Stream.of(form, form.replace("*", "")))
                .anyMatch(this::isFollowed);
    }

    private static String joined(List<String> lines) {
        return Characters.strip(String.join("\n", lines));
    }
}
