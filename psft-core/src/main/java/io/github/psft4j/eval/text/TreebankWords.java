package io.github.psft4j.eval.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Words by the conventions of the Penn Treebank, without the signs between them.
 *
 * <p>A hyphen or a period joins: {@code STATE-OF-THE-ART} and {@code U.S.A} are one word. Clitics stand alone:
 * {@code IT'S} is {@code IT} and {@code 'S}, {@code DON'T} is {@code DO} and {@code N'T}, {@code CANNOT} is {@code CAN}
 * and {@code NOT}. A comma or colon before a digit joins: {@code 1,000}.
 */
public final class TreebankWords {

    private static final int FLAGS = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.UNICODE_CHARACTER_CLASS;

    /** Signs that stand alone, with commas and colons before anything but a digit. */
    private static final Pattern BETWEEN =
            Pattern.compile("[" + Characters.SPACE + "\u00ab\u201c\u2018\u201e`\u00bb\u201d\u2019\";@#$%&"
                    + "\u2012-\u2015?!*\\[\\](){}<>]+|''|\\.{2,}|--|[:,](?!\\p{Nd})");

    /** An apostrophe that opens a quotation: no letter before it, no clitic behind it. */
    private static final Pattern OPENING = Pattern.compile("(?<!\\w)'(?!(?:re|ve|ll|m|t|s|d|n)(?!\\w))(?=\\w)", FLAGS);

    /** Two words that are written as one. */
    private static final Pattern JOINED = Pattern.compile(
            "(?<![" + Characters.WORD + "])(?:(can)not|(d)'ye|(gim)me|(gon)na|(got)ta|(lem)me|(more)'n|(wan)na(?=$))"
                    + "(?![" + Characters.WORD + "])",
            FLAGS);

    /** The period at the end of a sentence, with the brackets and quotes that close it, and none that opens. */
    private static final Pattern LAST_PERIOD = Pattern.compile(
            "(?<=[^.])\\.(?:[\\])}>\u00bb\u201d\u2019 ]|(?<![ (\\[{<])\"|(?<![ (\\[{<](?='{2}))')*+\\s*\\z",
            Pattern.UNICODE_CHARACTER_CLASS);

    private static final List<String> SHORT = List.of("'s", "'m", "'d");
    private static final List<String> LONG = List.of("'ll", "'re", "'ve", "n't");

    private TreebankWords() {}

    /** The words of a text in their order; signs on their own are left out. */
    public static List<String> of(String text) {
        List<String> words = new ArrayList<>();
        for (String sentence : Sentences.of(text)) {
            for (String piece : BETWEEN.split(LAST_PERIOD.matcher(sentence).replaceFirst(" "))) {
                for (String part : cutBehind(OPENING, piece)) {
                    addWithoutClitics(part, words);
                }
            }
        }
        words.removeIf(String::isEmpty);
        return words;
    }

    private static void addWithoutClitics(String quoted, List<String> words) {
        String word = quoted.endsWith("'") ? quoted.substring(0, cut(quoted, 1)) : quoted;
        int end = word.length();
        int cut = end;
        for (String clitic : SHORT) {
            cut = cut < end || !endsWith(word, clitic) ? cut : cut(word, 2);
        }
        addWithoutLongClitics(word.substring(0, cut), words);
        addWithoutLongClitics(word.substring(cut), words);
    }

    private static void addWithoutLongClitics(String word, List<String> words) {
        int end = word.length();
        int cut = end;
        for (String clitic : LONG) {
            cut = cut < end || !endsWith(word, clitic) ? cut : cut(word, 3);
        }
        addParted(word.substring(0, cut), words);
        words.add(word.substring(cut));
    }

    /** In small letters or in capitals. */
    private static boolean endsWith(String word, String clitic) {
        return word.endsWith(clitic) || word.endsWith(clitic.toUpperCase(Locale.ROOT));
    }

    /** Where so many characters at the end begin, unless nothing or an apostrophe stands before them. */
    private static int cut(String word, int characters) {
        int cut = word.length() - characters;
        return cut > 0 && word.charAt(cut - 1) != '\'' ? cut : word.length();
    }

    /** Adds the two words that are written as one, and what stands before and behind them. */
    private static void addParted(String word, List<String> words) {
        int from = 0;
        Matcher m = JOINED.matcher(word);
        while (m.find()) {
            int middle =
                    IntStream.rangeClosed(1, m.groupCount()).map(m::end).max().orElseThrow();
            words.add(word.substring(from, m.start()));
            words.add(word.substring(m.start(), middle));
            words.add(word.substring(middle, m.end()));
            from = m.end();
        }
        words.add(word.substring(from));
    }

    private static List<String> cutBehind(Pattern pattern, String word) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        Matcher m = pattern.matcher(word);
        while (m.find()) {
            parts.add(word.substring(from, m.end()));
            from = m.end();
        }
        if (from < word.length()) {
            parts.add(word.substring(from));
        }
        return parts;
    }
}
