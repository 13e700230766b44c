package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.Budget;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** Strings as Python sees them: sequences of code points, with Unicode white space. */
public final class PythonStrings {
    private PythonStrings() {}

    /** {@code str.isspace} of one character; all of them are in the basic plane. */
    public static boolean isSpace(int c) {
        return Character.isSpaceChar(c) || Character.isWhitespace(c) || c == 0x85;
    }

    static boolean isLineBreak(int c) {
        return c >= 0x0a && c <= 0x0d || c >= 0x1c && c <= 0x1e || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    public static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    public static int length(String text) {
        Budget.read(text.length() >> 2);
        return text.codePointCount(0, text.length());
    }

    /** @return the code points from start to end, both counted in code points */
    public static String part(String text, int start, int end) {
        if (length(text) == text.length()) {
            return text.substring(start, end);
        }
        int from = text.offsetByCodePoints(0, start);
        return text.substring(from, text.offsetByCodePoints(from, end - start));
    }

    /** The part from start to end, counted in UTF-16. */
    public static String rest(String text, int start, int end) {
        if (start > 0 || end < text.length()) {
            Budget.made(end - start);
        }
        return text.substring(start, end);
    }

    static Iterator<Object> characters(String text) {
        return text.codePoints().mapToObj(c -> (Object) Character.toString(c)).iterator();
    }

    /** @param characters to take away, null for white space */
    public static String strip(String text, String characters) {
        return strip(text, characters, true, true);
    }

    public static String stripEnd(String text, String characters) {
        return strip(text, characters, false, true);
    }

    public static String stripStart(String text, String characters) {
        return strip(text, characters, true, false);
    }

    private static String strip(String text, String characters, boolean atStart, boolean atEnd) {
        int start = 0;
        int end = text.length();
        while (atStart && start < end && stripped(text.codePointAt(start), characters)) {
            start += Character.charCount(text.codePointAt(start));
        }
        while (atEnd && start < end && stripped(text.codePointBefore(end), characters)) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return rest(text, start, end);
    }

    private static boolean stripped(int c, String characters) {
        Budget.read(characters == null ? 1 : 1 + characters.length() / 8);
        return characters == null ? isSpace(c) : characters.indexOf(c) >= 0;
    }

    /** {@code str.splitlines}. */
    public static List<Object> lines(String text, boolean keepEnds) {
        Budget.read(text.length());
        Budget.made(text.length());
        List<Object> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (isLineBreak(text.charAt(i))) {
                int end = i;
                if (text.startsWith("\r\n", i)) {
                    i++;
                }
                Budget.listed(lines.size(), 1);
                lines.add(text.substring(start, keepEnds ? i + 1 : end));
                start = i + 1;
            }
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }

    /** {@code str.capitalize}. */
    public static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        String head = Character.toString(text.codePointAt(0));
        return titleCase(text.codePointAt(0))
                + lower(text).substring(lower(head).length());
    }

    /** Not upper case: digraphs such as "ǆ" have both. */
    private static String titleCase(int c) {
        int title = Character.toTitleCase(c);
        String upper = upper(Character.toString(c));
        boolean single = title != c || Character.isTitleCase(c) || length(upper) == 1;
        return single ? Character.toString(title) : titleOf(upper);
    }

    /** What expands in upper case ("ß" to "SS") expands to "Ss" in title case. */
    private static String titleOf(String upper) {
        int first = upper.offsetByCodePoints(0, 1);
        return upper.substring(0, first) + lower(upper.substring(first));
    }

    public static String upper(String text) {
        charge(text);
        return text.toUpperCase(Locale.ROOT);
    }

    public static String lower(String text) {
        charge(text);
        return text.toLowerCase(Locale.ROOT);
    }

    private static void charge(String text) {
        Budget.read(2L * text.length());
        Budget.made(text.length());
    }

    /** {@code str.title}: the first letter of every run of cased letters. */
    public static String title(String text) {
        Budget.read(32L * text.length());
        StringBuilder out = new StringBuilder();
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            String letter = Character.toString(c);
            i += Character.charCount(c);
            out.append(inWord ? lower(letter) : capitalize(letter));
            inWord = isCased(c);
        }
        return out.toString();
    }

    public static boolean isCased(int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }
}
