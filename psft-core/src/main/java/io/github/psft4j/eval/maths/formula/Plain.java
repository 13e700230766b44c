package io.github.psft4j.eval.maths.formula;

import java.util.Map;
import java.util.regex.Pattern;

/** Brings the spellings of a formula to one: Unicode, Markdown, dollars, spaces of LaTeX. */
public final class Plain {

    private static final Map<Character, String> UNICODE = Map.ofEntries(
            Map.entry('\u2212', "-"),
            Map.entry('\u2013', "-"),
            Map.entry('\u2014', "-"),
            Map.entry('\u00d7', "*"),
            Map.entry('\u22c5', "*"),
            Map.entry('\u00b7', "*"),
            Map.entry('\u2217', "*"),
            Map.entry('\u00f7', "/"),
            Map.entry('\u2044', "/"),
            Map.entry('\u2215', "/"),
            Map.entry('\u2236', ":"),
            Map.entry('\u03c0', " \\pi "),
            Map.entry('\u221e', " \\infty "),
            Map.entry('\u221a', " \\sqrt "),
            Map.entry('\u221b', " \\sqrt[3]"),
            Map.entry('\u00b0', "^\\circ "),
            Map.entry('\u2264', "\\le "),
            Map.entry('\u2265', "\\ge "),
            Map.entry('\u2260', "\\ne "),
            Map.entry('\u2248', "\\approx "),
            Map.entry('\u00b1', "\\pm "),
            Map.entry('\u222a', "\\cup "),
            Map.entry('\u2229', "\\cap "),
            Map.entry('\u2208', "\\in "),
            Map.entry('\u2205', "\\emptyset "),
            Map.entry('\u211d', "\\mathbb{R}"),
            Map.entry('\u27e8', "\\langle "),
            Map.entry('\u27e9', "\\rangle "),
            Map.entry('\u2220', "\\angle "),
            Map.entry('\u03b8', "\\theta "),
            Map.entry('\u20ac', " EUR "),
            Map.entry('\u00a3', " GBP "),
            Map.entry('\u00a2', " cents "),
            Map.entry('\u2019', "'"),
            Map.entry('\u2032', "'"),
            Map.entry('\u2026', "\\ldots "),
            Map.entry('\u00a0', " "),
            Map.entry('\u2009', " "),
            Map.entry('\u202f', " "),
            Map.entry('\u200b', ""),
            Map.entry('\u2192', "\\to "),
            Map.entry('\u00bc', " 1/4 "),
            Map.entry('\u00bd', " 1/2 "),
            Map.entry('\u00be', " 3/4 "),
            Map.entry('\u2153', " 1/3 "),
            Map.entry('\u2154', " 2/3 "));

    /** Stands for the end of a row until the other backslashes have been read. */
    private static final String ROW = "\u0001";

    private static final String RAISED = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";
    private static final String LOWERED = "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089";

    /** Spaces of LaTeX, and commands that change the look only. */
    private static final Pattern LOOK = Pattern.compile("\\\\(?:left|right|[bB]igg?[lrm]?|displaystyle|textstyle"
            + "|scriptstyle|limits|nolimits|boxed|fbox|phantom|hfill|hline|nonumber|notag|strut)(?![a-zA-Z])");

    private static final Pattern SPACES = Pattern.compile("\\\\(?:[,;: ]|quad(?![a-zA-Z])|qquad(?![a-zA-Z]))|~");
    private static final Pattern MATHS = Pattern.compile("\\\\[()]|\\\\\\[|\\\\](?![0-9]*(?:pt|em|ex|mm|cm)])");
    private static final Pattern THIN =
            Pattern.compile("(?<=\\d)(?:\\\\,|\\{,\\}|\\\\!,|,\\\\!|\\{\\\\,\\})(?=\\d{3}(?!\\d))");

    /** Digits and the name of their base in a text: {@code \text{2B}_{16}}. */
    private static final Pattern DIGITS_IN_TEXT =
            Pattern.compile("\\\\(?:text|mathrm|mathtt)\\{([0-9A-Z]*[0-9][0-9A-Z]*)\\}(?=_)");

    private static final Pattern COLOR = Pattern.compile("\\\\(?:text)?color\\{[a-zA-Z]{1,20}\\}");
    private static final Pattern CHOOSE = Pattern.compile("\\{([^{}\\\\]{1,40})\\\\choose([^{}\\\\]{1,40})\\}");
    private static final Pattern COMBINATIONS =
            Pattern.compile("(?<![A-Za-z0-9)}])(?:\\{\\})?[_^]\\{?(\\d{1,4})\\}?\\s?C_\\{?(\\d{1,4})\\}?");
    private static final Pattern REALS = Pattern.compile(
            "\\\\text\\{\\s*(?:all |any )?real numbers?\\s*\\}|\\b(?:all|any) (?:reals?|real numbers?)(?![a-zA-Z])",
            Pattern.CASE_INSENSITIVE);

    private Plain() {}

    /** One spelling; {@code @} marks a comma that separates thousands, {@code USD} a dollar sign that means money. */
    public static String of(String text) {
        String s = unicode(text);
        s = s.replace("**", "^").replace("\u0000", " ").replace(ROW, " ");
        s = rows(s);
        s = THIN.matcher(s).replaceAll("@");
        s = s.replace("\\!", "")
                .replace("\\$", " USD ")
                .replace("\\%", "%")
                .replace("\\#", "#")
                .replace("\\&", "&");
        s = dollars(s);
        s = MATHS.matcher(s).replaceAll(" ");
        s = SPACES.matcher(s).replaceAll(" ");
        s = LOOK.matcher(s).replaceAll(" ");
        s = DIGITS_IN_TEXT.matcher(s).replaceAll("$1");
        s = COLOR.matcher(s).replaceAll(" ");
        s = CHOOSE.matcher(s).replaceAll("\\\\binom{$1}{$2}");
        s = COMBINATIONS.matcher(s).replaceAll("\\\\binom{$1}{$2}");
        s = REALS.matcher(s).replaceAll("\\\\mathbb{R}");
        return s.replace(ROW, "\\\\").strip();
    }

    /** Ends of rows as one character; two backslashes before a command outside a matrix are one, escaped for JSON. */
    private static String rows(String s) {
        String four = s.replace("\\\\\\\\", ROW);
        boolean escaped = !s.contains("\\begin{") || s.contains("\\\\begin{");
        return escaped ? four.replaceAll("\\\\\\\\(?=[a-zA-Z{}%$,;!])", "\\\\") : s.replace("\\\\", ROW);
    }

    private static String unicode(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        boolean raised = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= '\uff01' && c <= '\uff5e') {
                c = (char) (c - 0xfee0); // full width
            }
            int up = RAISED.indexOf(c);
            if (up >= 0) {
                out.append(raised ? "" : "^{").append(up);
                raised = true;
                continue;
            }
            if (raised) {
                out.append('}');
                raised = false;
            }
            int down = LOWERED.indexOf(c);
            if (down >= 0) {
                out.append("_").append(down);
            } else {
                String plain = UNICODE.get(c);
                out.append(plain == null ? String.valueOf(c) : plain);
            }
        }
        return raised ? out.append('}').toString() : out.toString();
    }

    /** Dollars in pairs enclose formulas; one alone, in front of a digit, is money. */
    private static String dollars(String s) {
        long count = s.chars().filter(c -> c == '$').count();
        if (count % 2 == 0) {
            return s.replace('$', ' ');
        }
        StringBuilder out = new StringBuilder();
        boolean money = false;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c != '$') {
                out.append(c);
            } else if (!money && i + 1 < s.length() && (Character.isDigit(s.charAt(i + 1)) || s.charAt(i + 1) == '.')) {
                out.append(" USD ");
                money = true;
            } else {
                out.append(' ');
            }
        }
        return out.toString();
    }
}
