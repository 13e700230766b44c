package io.github.psft4j.eval.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts an English text into sentences, by Punkt (Kiss and Strunk, Computational Linguistics 32(4), 2006).
 *
 * <p>A period, question mark or exclamation mark before white space ends a sentence, but for the period of an
 * abbreviation, of an initial and of an ordinal number. There the next word decides. The table knows the abbreviations
 * of a newspaper of 1989: {@code Mr.} and {@code U.S.}, but neither {@code e.g.} nor {@code etc.}. NLTK's
 * {@code sent_tokenize} cuts the same way, so that counts of sentences agree with figures made with it.
 */
public final class Sentences {

    private static final Pattern MARK = Pattern.compile(
            "[.?!](?=(?<after>" + SentenceToken.NO_WORD + "|\\s+(?<next>\\S+)))", Pattern.UNICODE_CHARACTER_CLASS);

    /** Closing quotes and brackets belong to the sentence before them. */
    private static final Pattern CLOSING = Pattern.compile(
            "[\"')\\]}\u2018\u2019\u201c\u201d\u00ab\u00bb]+?(?:\\s+|(?=--)|$)",
            Pattern.MULTILINE | Pattern.UNIX_LINES | Pattern.UNICODE_CHARACTER_CLASS);

    private static final String ASCII_SPACE = " \t\n\r\u000b\f";
    private static final Set<String> SIGNS = Set.of(";", ":", ",", ".", "!", "?");

    private final SentenceModel model = SentenceModel.english();
    private final String text;
    private final List<Integer> starts = new ArrayList<>(List.of(0));
    private final List<Integer> ends = new ArrayList<>();

    private Sentences(String text) {
        this.text = text;
        cut();
    }

    /** The sentences in their order, without the white space between them. */
    public static List<String> of(String text) {
        return new Sentences(text).closed();
    }

    private void cut() {
        Matcher m = MARK.matcher(text);
        int from = 0;
        int to = 0;
        int next = -1;
        int after = 0;
        while (m.find()) {
            int start = wordBefore(from, to, m.start());
            if (next >= 0 && to <= start) {
                cutIfEnd(from, to + 1, next, after);
            }
            from = start;
            to = m.start();
            next = m.group("next") == null ? m.end() : m.start("next");
            after = m.end("after");
        }
        if (next >= 0) {
            cutIfEnd(from, to + 1, next, after);
        }
        ends.add(Characters.end(text));
    }

    /** Where the word before a mark begins, no earlier than the word of the mark before. */
    private int wordBefore(int from, int to, int mark) {
        for (int i = mark - 1; i > to; i--) {
            if (ASCII_SPACE.indexOf(text.charAt(i)) >= 0) {
                return i + 1;
            }
        }
        return from;
    }

    /** Cuts behind a mark, if the words around it say so. */
    private void cutIfEnd(int from, int end, int next, int after) {
        if (hasEnd(SentenceToken.of(text.substring(from, after), model))) {
            ends.add(end);
            starts.add(next);
        }
    }

    /** Whether a sentence ends before the last token. */
    private boolean hasEnd(List<SentenceToken> tokens) {
        for (int i = 0; i + 1 < tokens.size(); i++) {
            judge(tokens.get(i), tokens.get(i + 1));
            if (tokens.get(i).ends) {
                return true;
            }
        }
        return false;
    }

    private void judge(SentenceToken token, SentenceToken next) {
        if (!token.text.endsWith(".")) {
            return;
        }
        String word = next.word();
        boolean number = token.bare().equals("##number##");
        if (model.belongTogether(token.bare(), word)) {
            token.ends = false;
        } else if ((token.abbreviation || token.dots) && !token.initial) {
            token.ends = begins(next) || next.startsUpper() && model.isStarter(word);
        } else if (token.initial || number) {
            boolean name = token.initial && next.startsUpper() && !model.wasSmall(word) && !SIGNS.contains(next.text);
            if (continues(next) || name) {
                token.ends = false;
            }
        }
    }

    /** The case of the letter says that the word begins a sentence. */
    private boolean begins(SentenceToken token) {
        return !SIGNS.contains(token.text) && token.startsUpper() && model.isSmall(token.word());
    }

    /** The token says that no sentence ended before it. */
    private boolean continues(SentenceToken token) {
        return SIGNS.contains(token.text) || token.startsLower() && !model.opensSmall(token.word());
    }

    private List<String> closed() {
        List<String> sentences = new ArrayList<>();
        int moved = 0;
        for (int i = 0; i < starts.size(); i++) {
            int from = starts.get(i) + moved;
            int to = ends.get(i);
            moved = 0;
            if (i + 1 < starts.size()) {
                int next = starts.get(i + 1);
                Matcher m = CLOSING.matcher(text).region(next, Math.max(next, ends.get(i + 1)));
                if (m.lookingAt()) {
                    to = next + Characters.end(m.group());
                    moved = m.end() - next;
                }
            }
            if (from < to || moved > 0) {
                sentences.add(text.substring(Math.min(from, to), to));
            }
        }
        return sentences;
    }
}
