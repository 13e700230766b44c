package io.github.psft4j.eval.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A word or a sign near the end of a sentence, as Punkt cuts them. */
final class SentenceToken {

    /** Signs that end a word. The question and exclamation marks end a sentence as well. */
    static final String NO_WORD = "[)\";}\\]*:@'(\\[{\u2018\u2019\u201c\u201d\u00ab\u00bb?!]";

    private static final String DASHES_OR_DOTS = "(?:-{2,}|\\.{2,}|(?:\\.\\s){2,}\\.)";
    private static final String END = "\\s|\\z|" + NO_WORD + "|" + DASHES_OR_DOTS;

    private static final Pattern TOKEN =
            unicode(DASHES_OR_DOTS + "|(?=[^(\"`{\\[:;&#*@)}\\]\\-,])\\S+?(?=" + END + "|,(?:" + END + "))|\\S");
    private static final Pattern NUMBER = unicode("-?[.,]?\\d[\\d,.-]*\\.?");
    private static final Pattern INITIAL = unicode("[\\w&&\\D]\\.");
    private static final Pattern DOTS = unicode("\\.\\.+");

    final String text;
    final boolean dots;
    final boolean initial;
    boolean abbreviation;
    boolean ends;

    private final String type;

    private SentenceToken(String text, SentenceModel model) {
        this.text = text;
        String lower = text.toLowerCase(Locale.ROOT);
        this.type = NUMBER.matcher(lower).matches() ? "##number##" : lower;
        this.dots = DOTS.matcher(text).matches();
        this.initial = INITIAL.matcher(text).matches();
        if (text.equals(".") || text.equals("?") || text.equals("!")) {
            ends = true;
        } else if (!dots && text.endsWith(".") && !text.endsWith("..")) {
            abbreviation = model.isAbbreviation(lower.substring(0, lower.length() - 1));
            ends = !abbreviation;
        }
    }

    private static Pattern unicode(String expression) {
        return Pattern.compile(expression, Pattern.UNICODE_CHARACTER_CLASS);
    }

    /** The tokens of a few words, with what each says on its own. */
    static List<SentenceToken> of(String words, SentenceModel model) {
        List<SentenceToken> tokens = new ArrayList<>();
        for (String line : words.split("\n")) {
            Matcher m = TOKEN.matcher(line);
            while (m.find()) {
                tokens.add(new SentenceToken(m.group(), model));
            }
        }
        return tokens;
    }

    /** The word in small letters, without the period at its end. */
    String bare() {
        return type.length() > 1 && type.endsWith(".") ? type.substring(0, type.length() - 1) : type;
    }

    /** The word in small letters, without the period that ends a sentence. */
    String word() {
        return ends ? bare() : type;
    }

    boolean startsUpper() {
        return Character.isUpperCase(text.codePointAt(0));
    }

    boolean startsLower() {
        return Character.isLowerCase(text.codePointAt(0));
    }
}
