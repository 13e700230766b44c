package io.github.psft4j.eval.text;

import java.util.HashSet;
import java.util.Set;

/**
 * What Punkt learned about English from its training text, the Wall Street Journal (Kiss and Strunk 2006). The table is
 * that of NLTK (MIT), which {@code psft-examples/peer/text_models.py} reads.
 */
final class SentenceModel {

    private static final SentenceModel ENGLISH = new SentenceModel("punkt-english.tsv");

    private final Set<String> abbreviations = new HashSet<>();
    private final Set<String> starters = new HashSet<>();
    private final Set<String> pairs = new HashSet<>();
    private final Set<String> small = new HashSet<>();
    private final Set<String> mixed = new HashSet<>();
    private final Set<String> opens = new HashSet<>();

    private SentenceModel(String name) {
        TextTable.read(name, fields -> {
            switch (fields[0]) {
                case "abbreviation" -> abbreviations.add(fields[1]);
                case "starter" -> starters.add(fields[1]);
                case "pair" -> pairs.add(fields[1] + '\t' + fields[2]);
                case "small" -> small.add(fields[1]);
                case "mixed" -> mixed.add(fields[1]);
                case "opens" -> {
                    small.add(fields[1]);
                    opens.add(fields[1]);
                }
                default -> throw new IllegalStateException(name + ": " + fields[0]);
            }
        });
    }

    static SentenceModel english() {
        return ENGLISH;
    }

    /** Whether a word, without its period, is an abbreviation, or its part behind the last hyphen is. */
    boolean isAbbreviation(String word) {
        return abbreviations.contains(word) || abbreviations.contains(word.substring(word.lastIndexOf('-') + 1));
    }

    /** Whether the word often begins a sentence. */
    boolean isStarter(String word) {
        return starters.contains(word);
    }

    /** Whether the two words belong together across a period. */
    boolean belongTogether(String before, String after) {
        return pairs.contains(before + '\t' + after);
    }

    /** Whether the word was seen with a small first letter, and never with a capital inside a sentence. */
    boolean isSmall(String word) {
        return small.contains(word);
    }

    /** Whether the word was seen with a small first letter. */
    boolean wasSmall(String word) {
        return small.contains(word) || mixed.contains(word);
    }

    /** Whether the word was seen with a small first letter where a sentence begins, and never with a capital. */
    boolean opensSmall(String word) {
        return opens.contains(word);
    }
}
