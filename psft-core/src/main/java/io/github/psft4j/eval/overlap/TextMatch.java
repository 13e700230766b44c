package io.github.psft4j.eval.overlap;

import io.github.psft4j.eval.overlap.EvaluationTexts.Text;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What one training row shares with one text of the evaluation data. */
final class TextMatch {

    private static final int LONG_RUN = 13;
    private static final int CHARACTERS = 50;
    private static final double SHARE = 0.5;

    private final Text text;
    private final BitSet covered = new BitSet();
    private boolean equal;
    private int words;
    private int firstWord;
    private int characters;
    private int firstCharacter;

    private int shift; // of the last run in the training text, against the evaluation text
    private int end; // of that run in the evaluation text

    TextMatch(Text text) {
        this.text = text;
    }

    /** Says that other runs follow, of other pieces or of another text of the row. */
    void newRuns() {
        end = -1;
    }

    /** Whether a piece lies in the last run, and need not be looked at again. */
    boolean has(int start, int from, int length) {
        return start - from == shift && from + length <= end;
    }

    private void remember(int start, int from, int to) {
        shift = start - from;
        end = to;
    }

    /** The whole text is a text of the training row. */
    void whole() {
        equal = true;
    }

    /** Words of the text that are shared, and where they begin in the training text. */
    void words(int start, int from, int to) {
        remember(start, from, to);
        covered.set(from, to);
        if (to - from > words) {
            words = to - from;
            firstWord = from;
        }
    }

    /** Characters of the text that are shared, and where they begin in the training text. */
    void characters(int start, int from, int to) {
        remember(start, from, to);
        if (to - from > characters) {
            characters = to - from;
            firstCharacter = from;
        }
    }

    double share() {
        return (double) covered.cardinality() / text.words().length;
    }

    Set<OverlapKind> kinds() {
        Set<OverlapKind> kinds = EnumSet.noneOf(OverlapKind.class);
        add(kinds, OverlapKind.EXACT, equal || words == text.words().length);
        add(kinds, OverlapKind.THIRTEEN_WORDS, words >= LONG_RUN);
        add(kinds, OverlapKind.EIGHT_WORDS, words > 0 && share() >= SHARE);
        add(kinds, OverlapKind.FIFTY_CHARACTERS, characters >= CHARACTERS);
        return kinds;
    }

    private static void add(Set<OverlapKind> kinds, OverlapKind kind, boolean applies) {
        if (applies) {
            kinds.add(kind);
        }
    }

    Overlap at(List<String> locations, String training) {
        return new Overlap(
                text.rows().stream().map(locations::get).toList(),
                text.column(),
                training,
                kinds(),
                words,
                share(),
                characters,
                shared());
    }

    private String shared() {
        if (equal) {
            return text.normal();
        }
        String[] all = NormalText.words(text.normal());
        String run = String.join(" ", Arrays.asList(all).subList(firstWord, firstWord + words));
        return run.length() >= characters
                ? run
                : text.normal()
                        .substring(firstCharacter, firstCharacter + characters)
                        .strip();
    }
}
