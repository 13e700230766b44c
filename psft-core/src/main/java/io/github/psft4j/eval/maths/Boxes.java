package io.github.psft4j.eval.maths;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds {@code \boxed{}} and its like in a text. */
final class Boxes {

    private static final Pattern BOX = Pattern.compile("\\\\(?:boxed|fbox|framebox)\\s*(\\{|[0-9A-Za-z])");

    /** No answer is longer; a brace that is not closed by then is taken for open. */
    private static final int MAX_BOX = 5_000;

    /** Between two boxes that are one answer: "and", "or", a comma, with dollars and a name in front. */
    private static final Pattern JOINT =
            Pattern.compile("[\\s$]*(?:,|;|,?\\s*and\\b|,?\\s*or\\b|\\\\text\\{\\s*(?:and|or)\\s*\\})"
                    + "(?:[\\s$]|\\\\[,;() ]|\\\\quad|[a-zA-Z](?:_\\d)?\\s*=)*");

    /**
     * A box.
     *
     * @param content what stands in it
     * @param from index of its command
     * @param to index behind it
     * @param cut whether the text or the line ends before its brace is closed
     */
    record Box(String content, int from, int to, boolean cut) {}

    private Boxes() {}

    /** All boxes, in their order. */
    static List<Box> in(String text) {
        List<Box> out = new ArrayList<>();
        Matcher m = BOX.matcher(text);
        int from = 0;
        while (m.find(from)) {
            Box box = m.group(1).equals("{")
                    ? braced(text, m.start(), m.end())
                    : new Box(m.group(1), m.start(), m.end(), false);
            out.add(box);
            from = Math.max(box.to(), m.end());
        }
        return out;
    }

    private static Box braced(String text, int start, int from) {
        int depth = 1;
        int i = from;
        int line = -1; // the first end of a line inside
        int limit = Math.min(text.length(), from + MAX_BOX);
        while (i < limit) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++; // \{ and \} are no groups
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                return new Box(text.substring(from, i), start, i + 1, false);
            } else if (c == '\n' && line < 0) {
                line = i;
            }
            i++;
        }
        int end = line < 0 ? limit : line;
        return new Box(unclosed(text.substring(from, end)), start, end, true);
    }

    /** Without the end of the formula around the box. */
    private static String unclosed(String content) {
        String s = content.strip();
        while (s.endsWith("$") || s.endsWith(".") || s.endsWith("\\]") || s.endsWith("\\)")) {
            s = s.substring(0, s.length() - (s.endsWith("\\]") || s.endsWith("\\)") ? 2 : 1))
                    .strip();
        }
        return s;
    }

    /** The last boxes that one sentence joins; the last one alone if none is joined to it. */
    static List<Box> last(String text, List<Box> boxes) {
        int first = boxes.size() - 1;
        while (first > 0) {
            String between =
                    text.substring(boxes.get(first - 1).to(), boxes.get(first).from());
            if (between.length() > 60 || !JOINT.matcher(between).matches()) {
                break;
            }
            first--;
        }
        return boxes.subList(first, boxes.size());
    }

    /** Whether every brace and bracket of a text is closed. */
    static boolean complete(String s) {
        int braces = 0;
        int brackets = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '\\') {
                i++;
                continue;
            }
            braces += c == '{' ? 1 : c == '}' ? -1 : 0;
            brackets += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
        }
        return braces == 0 && brackets == 0 && !s.matches("(?s).*(?:[-+*/=^_,]|\\\\[a-zA-Z]*)\\s*");
    }
}
