package io.github.psft4j.eval.maths;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The letter of an option: B, (B), b), B. text, option B. */
final class Choices {

    private static final Pattern LETTER = Pattern.compile("[(\\[]?\\s*([A-J])\\s*[)\\].:]?", Pattern.CASE_INSENSITIVE);
    private static final Pattern GOLD =
            Pattern.compile("(?:[(\\[]\\s*([A-J])\\s*[)\\]]|([A-J])(?:[).:](?=\\s|$)|$))(.*)", Pattern.DOTALL);
    private static final Pattern WITH_TEXT = Pattern.compile(
            "(?:(?:the )?(?:option|choice|answer"
                    + "|letter)(?: is)?:? )?(?:[(\\[]\\s*([A-Ja-j])\\s*[)\\]]|([A-Ja-j])(?:[).:,]|\\s+[-\u2013=:]|$))"
                    + "(.*)",
            Pattern.DOTALL | Pattern.CASE_INSENSITIVE);
    private static final Pattern STANDING = Pattern.compile("(?<![A-Za-z0-9'\\\\])([A-J])(?![A-Za-z0-9'])");
    private static final Pattern BRACKETED = Pattern.compile("\\(([A-J])\\)");

    private Choices() {}

    private static String plain(String text) {
        String s = text.replaceAll("\\\\(?:text|textbf|mathrm|mathbf|mbox|textrm)\\s*\\{([^{}]*)\\}", " $1 ")
                .replaceAll("\\\\[,;:! ]|\\\\(?:quad|left|right)(?![a-z])|[$*{}~]", " ");
        return s.replaceAll("\\s+", " ").strip();
    }

    /** The letter of a gold answer; null if it is no option. */
    static String gold(String gold) {
        Matcher m = GOLD.matcher(plain(gold));
        if (!m.matches()) {
            return null;
        }
        String letter = m.group(1) != null ? m.group(1) : m.group(2);
        return letter;
    }

    /** The letter that an answer names; null if it names none or two. */
    static String of(String answer) {
        String s = plain(answer);
        if (s.endsWith(".")) {
            s = s.substring(0, s.length() - 1).strip();
        }
        Matcher alone = LETTER.matcher(s);
        if (alone.matches()) {
            return alone.group(1).toUpperCase();
        }
        Set<String> letters = letters(s);
        Matcher m = WITH_TEXT.matcher(s);
        if (m.matches()) {
            String letter = (m.group(1) != null ? m.group(1) : m.group(2)).toUpperCase();
            letters.remove(letter);
            boolean another =
                    m.group(3).matches("(?s)\\s*(?:,|and|or|&|/)?\\s*[(\\[]?[A-J][)\\]]?\\s*(?:,.*|and.*|or.*|)")
                            || BRACKETED.matcher(m.group(3)).find();
            return another ? null : letter;
        }
        return letters.size() == 1 ? letters.iterator().next() : null;
    }

    private static Set<String> letters(String s) {
        Set<String> out = new TreeSet<>();
        Matcher m = STANDING.matcher(s);
        while (m.find()) {
            boolean article = m.group(1).equals("A") && s.substring(m.end()).matches("(?s) [a-z].*")
                    || m.group(1).equals("I") && s.substring(m.end()).matches("(?s) [a-z].*");
            if (!article) {
                out.add(m.group(1));
            }
        }
        return out;
    }

    /** The last letter in brackets, else the last one that stands alone; null if there is none. */
    static String last(String text) {
        String s = plain(text);
        if (LETTER.matcher(s.endsWith(".") ? s.substring(0, s.length() - 1) : s).matches()) {
            return of(s);
        }
        String named = s.length() < 200 && WITH_TEXT.matcher(s).matches() ? s : null;
        if (named != null) {
            return named;
        }
        String found = null;
        Matcher m = BRACKETED.matcher(s);
        while (m.find()) {
            found = m.group(1);
        }
        if (found == null) {
            for (String letter : letters(s)) {
                found = found == null || s.lastIndexOf(letter) > s.lastIndexOf(found) ? letter : found;
            }
        }
        return found;
    }
}
