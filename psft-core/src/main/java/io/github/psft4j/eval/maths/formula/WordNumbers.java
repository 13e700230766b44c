package io.github.psft4j.eval.maths.formula;

import io.github.psft4j.eval.maths.formula.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Puts numbers in the place of the words for them: twenty-one, 3 million, two thirds, percent. */
public final class WordNumbers {

    private static final Map<String, Integer> PARTS = Map.ofEntries(
            Map.entry("half", 2),
            Map.entry("halves", 2),
            Map.entry("third", 3),
            Map.entry("thirds", 3),
            Map.entry("quarters", 4),
            Map.entry("fourth", 4),
            Map.entry("fourths", 4),
            Map.entry("fifth", 5),
            Map.entry("fifths", 5),
            Map.entry("sixth", 6),
            Map.entry("sixths", 6),
            Map.entry("eighth", 8),
            Map.entry("eighths", 8),
            Map.entry("tenth", 10),
            Map.entry("tenths", 10));

    private WordNumbers() {}

    /** The tokens with a number in the place of its words. */
    public static List<Token> replace(List<Token> tokens) {
        List<Token> out = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            Token t = tokens.get(i);
            Long scale = t.kind() == Kind.WORD ? Words.scale(t.text()) : null;
            Token before = out.isEmpty() ? null : out.get(out.size() - 1);
            if (scale != null && before != null && before.kind() == Kind.NUMBER) {
                Rational value = Rational.decimal(before.text()).times(Rational.of(scale));
                out.set(out.size() - 1, value(value, before.space()));
            } else if (t.kind() == Kind.WORD && Words.isNumber(t.text())) {
                i = words(tokens, i, out) - 1;
            } else if (t.isWord("percent") || t.isWord("percentage") && before != null) {
                out.add(new Token(Kind.OPERATOR, "%", t.space()));
            } else if (t.isWord("per")
                    && i + 1 < tokens.size()
                    && tokens.get(i + 1).isWord("cent")) {
                out.add(new Token(Kind.OPERATOR, "%", t.space()));
                i++;
            } else if ((t.isWord("minus") || t.isWord("negative"))
                    && i + 1 < tokens.size()
                    && (tokens.get(i + 1).kind() == Kind.NUMBER
                            || Words.isNumber(tokens.get(i + 1).text()))) {
                out.add(new Token(Kind.OPERATOR, "-", t.space()));
            } else if (t.isWord("half") && before == null) {
                out.add(value(new Rational(BigInteger.ONE, BigInteger.TWO), t.space()));
            } else {
                out.add(t);
            }
        }
        return withoutGloss(out, tokens);
    }

    /** {@code 14 (fourteen)} says the same twice. */
    private static List<Token> withoutGloss(List<Token> out, List<Token> given) {
        boolean twice = out.size() == 4
                && out.get(0).kind() == Kind.NUMBER
                && out.get(1).is("(")
                && out.get(2).text().equals(out.get(0).text())
                && out.get(3).is(")")
                && given.stream().anyMatch(t -> t.kind() == Kind.WORD);
        return twice ? out.subList(0, 1) : out;
    }

    private static Token value(Rational value, boolean space) {
        return value.isWhole()
                ? new Token(Kind.NUMBER, value.n().toString(), space)
                : new Token(Kind.VALUE, value.n() + "/" + value.d(), space);
    }

    /** Takes the longest run of words that is one number; the index behind it. */
    private static int words(List<Token> tokens, int from, List<Token> out) {
        List<String> words = new ArrayList<>();
        int end = from;
        Long best = null;
        for (int i = from; i < tokens.size() && i < from + 40; i++) {
            Token t = tokens.get(i);
            if (t.is("-")) {
                continue;
            }
            if (t.kind() != Kind.WORD) {
                break;
            }
            words.add(t.text());
            Long value = Words.number(words);
            if (value != null) {
                best = value;
                end = i + 1;
            } else if (!t.isWord("and")) {
                break;
            }
        }
        if (best == null) {
            out.add(tokens.get(from));
            return from + 1;
        }
        int next = end < tokens.size() && tokens.get(end).is("-") ? end + 1 : end;
        Integer part = next < tokens.size() && tokens.get(next).kind() == Kind.WORD
                ? PARTS.get(tokens.get(next).text().toLowerCase(Locale.ROOT))
                : null;
        Rational value = Rational.of(best);
        out.add(value(
                part == null ? value : value.over(Rational.of(part)),
                tokens.get(from).space()));
        return part == null ? end : next + 1;
    }
}
