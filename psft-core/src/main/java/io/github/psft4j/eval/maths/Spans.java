package io.github.psft4j.eval.maths;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds formulas and numbers in running text. */
final class Spans {

    private static final Pattern MATHS = Pattern.compile(
            "\\$\\$([^$]{1,2000})\\$\\$|(?<!\\\\)\\$([^$\\n]{1,1000})\\$|\\\\\\(((?:(?!\\\\\\)).){1,1000})\\\\\\)"
                    + "|\\\\\\[((?:(?!\\\\\\]).){1,2000}+)\\\\\\]",
            Pattern.DOTALL);

    private static final String PLAIN =
            "\\d{1,3}(?:(?:,|\\{,\\}|\\\\,)\\d{3})++(?:\\.\\d++)?|\\d++(?:\\.\\d++)?|\\.\\d++";

    /** A number as people write it: sign, money, thousands, fraction, mixed number, power of ten, percent. */
    private static final Pattern NUMBER =
            Pattern.compile("(?<![\\w.)}])[-\u2212+]?(?:\\\\?\\$|\u20ac|\u00a3)?[-\u2212]?(?:"
                    + "\\d++ \\d++/\\d++|(?:" + PLAIN + ")/(?:" + PLAIN
                    + ")|(?:\\d++)?\\\\[dt]?frac\\{[^{}]{1,40}\\}\\{[^{}]{1,40}\\}"
                    + "|(?:" + PLAIN + ")?\\\\?(?:sqrt\\{[^{}]{1,40}\\}|sqrt\\(\\d{1,20}\\))"
                    + "|(?:" + PLAIN + ")(?:[eE][-+]?\\d{1,4}(?![\\w.]))?"
                    + "(?:\\s?(?:\\\\times|\u00d7|\\*|x)\\s?10\\^\\{?-?\\d{1,4}\\}?)?(?:\\\\?pi"
                    + "|\u03c0|\\\\pi)?)(?:\\\\?%)?"
                    + "|(?<=[\\w)}])[-\u2212]?(?:" + PLAIN + ")(?:\\\\?%)?");

    private Spans() {}

    /** The numbers of a text in their order. */
    static List<String> numbers(String text) {
        List<String> out = new ArrayList<>();
        Matcher m = NUMBER.matcher(text);
        while (m.find()) {
            String number = m.group();
            boolean minus = m.start() > 0 && afterOperand(text, m.start());
            out.add(minus && (number.startsWith("-") || number.startsWith("+")) ? number.substring(1) : number);
        }
        return out;
    }

    /** Whether a sign here is a subtraction: something stands in front that can be subtracted from. */
    private static boolean afterOperand(String text, int at) {
        int i = at - 1;
        boolean space = false;
        while (i >= 0 && text.charAt(i) == ' ') {
            space = true;
            i--;
        }
        if (i < 0) {
            return false;
        }
        char before = text.charAt(i);
        return !space && (Character.isLetterOrDigit(before) || before == ')' || before == '}');
    }

    /** The contents of formulas between dollars or brackets of LaTeX, the last one first. */
    static List<String> formulas(String text) {
        List<String> out = new ArrayList<>();
        Matcher m = MATHS.matcher(text);
        while (m.find()) {
            out.add(0, content(m));
        }
        return out;
    }

    private static String content(Matcher m) {
        for (int g = 1; g <= m.groupCount(); g++) {
            if (m.group(g) != null) {
                return m.group(g);
            }
        }
        return m.group();
    }

    /** The last formula, if it holds the last number, and the last number; none if there is no number. */
    static List<String> last(String text) {
        List<String> out = new ArrayList<>();
        int number = -1;
        String digits = null;
        Matcher n = NUMBER.matcher(text);
        while (n.find()) {
            number = n.start();
            boolean minus = afterOperand(text, n.start());
            digits = minus && n.group().matches("(?s)[-+].*") ? n.group().substring(1) : n.group();
        }
        Matcher m = MATHS.matcher(text);
        int end = -1;
        String formula = null;
        while (m.find()) {
            end = m.end();
            formula = content(m);
        }
        if (formula != null && (number < 0 || end > number)) {
            out.add(formula);
        }
        if (digits != null) {
            out.addAll(equation(text, number));
            out.add(digits);
        }
        return out;
    }

    /** What stands behind the equals sign of the line, if the number belongs to it: x = 2a + 3. */
    private static List<String> equation(String text, int number) {
        int line = text.lastIndexOf('\n', number) + 1;
        int end = text.indexOf('\n', number);
        String whole = text.substring(line, end < 0 ? text.length() : end).strip();
        int equals = whole.lastIndexOf('=');
        return equals < 0 || whole.length() - equals > 80 ? List.of() : List.of(whole.substring(equals + 1));
    }

    /** A text up to the end of its first sentence, which is never inside a formula. */
    static String clause(String text, Pattern end) {
        int limit = Math.min(text.length(), 2_000);
        String head = text.substring(0, limit);
        Matcher m = end.matcher(head);
        List<int[]> formulas = new ArrayList<>();
        Matcher f = MATHS.matcher(head);
        while (f.find()) {
            formulas.add(new int[] {f.start(), f.end()});
        }
        while (m.find()) {
            int at = m.start();
            boolean inside = formulas.stream().anyMatch(r -> at >= r[0] && at < r[1]);
            if (!inside) {
                return head.substring(0, at)
                        + (head.charAt(at) == '!' && at > 0 && Character.isDigit(head.charAt(at - 1)) ? "!" : "");
            }
        }
        return head;
    }
}
