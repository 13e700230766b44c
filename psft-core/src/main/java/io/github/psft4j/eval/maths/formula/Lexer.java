package io.github.psft4j.eval.maths.formula;

import io.github.psft4j.eval.maths.formula.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Cuts a formula, in LaTeX or plain, into tokens. */
public final class Lexer {

    private static final int MAX_TOKENS = 1_500;

    private final String s;
    private final boolean thousandsInBrackets;
    private final List<Token> out = new ArrayList<>();
    private int at;
    private int depth; // of brackets in which a comma separates
    private boolean space;

    private Lexer(String s, boolean thousandsInBrackets) {
        this.s = s;
        this.thousandsInBrackets = thousandsInBrackets;
    }

    /**
     * @param plain from {@link Plain#of}
     * @param thousandsInBrackets whether 1,234 in brackets is one number
     */
    public static List<Token> tokens(String plain, boolean thousandsInBrackets) {
        Lexer lexer = new Lexer(plain, thousandsInBrackets);
        lexer.run();
        return lexer.out;
    }

    private void run() {
        while (at < s.length()) {
            if (out.size() > MAX_TOKENS) {
                throw new Unreadable("too long");
            }
            char c = s.charAt(at);
            if (Character.isWhitespace(c)) {
                space = true;
                at++;
            } else if (digit(at) || c == '.' && digit(at + 1)) {
                number();
            } else if (letter(c)) {
                letters(false);
            } else if (c == '\\') {
                command();
            } else if (c == '(' && Numerals.based(s, at) > 0) {
                number(); // (1011)_2
            } else {
                operator();
            }
        }
    }

    private void add(Kind kind, String text) {
        out.add(new Token(kind, text, space));
        space = false;
    }

    private boolean digit(int i) {
        return i < s.length() && s.charAt(i) >= '0' && s.charAt(i) <= '9';
    }

    private static boolean letter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c > 127 && Character.isLetter(c);
    }

    // ---- numbers

    private void number() {
        int base = Numerals.based(s, at);
        if (base > 0) {
            add(Kind.VALUE, Numerals.value(s.substring(at, base)));
            at = base;
            return;
        }
        StringBuilder digits = new StringBuilder();
        int i = whole(digits);
        boolean point = i < s.length() && s.charAt(i) == '.' && (digit(i + 1) || overline(i + 1));
        if (point) {
            digits.append('.');
            i++;
            while (digit(i)) {
                digits.append(s.charAt(i++));
            }
            int period = Numerals.period(s, i);
            if (period > i) {
                add(Kind.VALUE, Numerals.repeating(digits.toString(), s.substring(i, period)));
                at = period;
                return;
            }
        } else if (i < s.length() && s.charAt(i) == '.') {
            boolean dots = s.startsWith("...", i);
            i += dots ? 0 : 1; // "5." is 5
        }
        int exponent = Numerals.exponent(s, i);
        if (exponent > i) {
            add(Kind.VALUE, digits + "e" + s.substring(i + 1, exponent));
            i = exponent;
        } else {
            add(Kind.NUMBER, digits.charAt(0) == '.' ? "0" + digits : digits.toString());
        }
        at = i;
    }

    private boolean overline(int i) {
        return s.startsWith("\\overline", i) || s.startsWith("\\bar", i);
    }

    /** Digits with separators of thousands; the index behind them. */
    private int whole(StringBuilder digits) {
        int i = at;
        while (digit(i)) {
            digits.append(s.charAt(i++));
        }
        int lead = i - at;
        char mark = i < s.length() ? s.charAt(i) : 0;
        boolean grouped = mark == '@' || mark == ',' && (depth == 0 || thousandsInBrackets) || mark == ' ';
        if (lead == 0 || lead > 3 || !grouped || s.charAt(at) == '0') {
            return i;
        }
        while (i < s.length() && s.charAt(i) == mark && digit(i + 1) && digit(i + 2) && digit(i + 3) && !digit(i + 4)) {
            digits.append(s, i + 1, i + 4);
            i += 4;
        }
        return i;
    }

    // ---- names and words

    private void letters(boolean fromText) {
        int from = at;
        while (at < s.length() && letter(s.charAt(at))) {
            at++;
        }
        int base = from + 1 < s.length() ? Numerals.based(s, from) : 0;
        if (base > 0) {
            add(Kind.VALUE, Numerals.value(s.substring(from, base)));
            at = base;
            return;
        }
        word(s.substring(from, at), fromText);
    }

    private void word(String run, boolean fromText) {
        String lower = run.toLowerCase(Locale.ROOT);
        boolean number = !out.isEmpty() && out.get(out.size() - 1).kind() == Kind.NUMBER;
        boolean minutes = lower.equals("min") && (fromText || number);
        if (minutes) {
            add(Kind.WORD, run);
        } else if (Commands.FUNCTIONS.contains(lower) && run.length() > 1) {
            add(Kind.FUNCTION, lower);
        } else if (lower.equals("sqrt")) {
            add(Kind.OPERATOR, "sqrt");
        } else if (lower.equals("pi")) {
            add(Kind.NAME, "pi");
        } else if (lower.equals("inf") || lower.equals("infty") || lower.equals("infinity")) {
            add(Kind.NAME, "inf");
        } else if (lower.equals("cup") || lower.equals("union") || run.equals("U") && inSets()) {
            add(Kind.OPERATOR, "cup");
        } else if (Commands.GREEK.contains(run) && run.length() > 2) {
            add(Kind.NAME, run);
        } else if (run.length() == 1 && !fromText) {
            add(Kind.NAME, run);
        } else if (!fromText && product(run)) {
            for (char c : run.toCharArray()) {
                add(Kind.NAME, String.valueOf(c));
            }
        } else {
            add(Kind.WORD, run);
        }
    }

    /** Whether U stands between brackets: a union in plain text. */
    private boolean inSets() {
        return !out.isEmpty()
                && (out.get(out.size() - 1).is(")") || out.get(out.size() - 1).is("]"));
    }

    private static boolean product(String run) {
        return run.length() <= 3
                && !Units.isUnit(run)
                && !Words.isNumber(run)
                && !Words.FILLERS.contains(run.toLowerCase(Locale.ROOT))
                && !Set.of("and", "or", "yes", "no", "odd", "not", "per", "if", "for", "any", "men", "day", "out")
                        .contains(run.toLowerCase(Locale.ROOT));
    }

    private void command() {
        int from = ++at;
        while (at < s.length()
                && (s.charAt(at) >= 'a' && s.charAt(at) <= 'z' || s.charAt(at) >= 'A' && s.charAt(at) <= 'Z')) {
            at++;
        }
        String name = s.substring(from, at);
        if (name.isEmpty()) {
            symbol();
        } else if (Commands.TEXT.contains(name)) {
            text(name);
        } else if (Commands.COMMANDS.containsKey(name)) {
            String operator = Commands.COMMANDS.get(name);
            depth += operator.equals("S{") || operator.equals("<(") ? 1 : 0;
            depth -= operator.equals("S}") || operator.equals(">)") ? 1 : 0;
            add(Kind.OPERATOR, operator);
        } else if (name.equals("infty")) {
            add(Kind.NAME, "inf");
        } else if (name.equals("emptyset") || name.equals("varnothing")) {
            add(Kind.OPERATOR, "emptyset");
        } else if (!name.equals("angle") && !name.equals("triangle")) {
            word(
                    name,
                    name.length() > 1
                            && !Commands.FUNCTIONS.contains(name)
                            && !name.equals("pi")
                            && !Commands.GREEK.contains(name));
        }
    }

    private void symbol() {
        char c = at < s.length() ? s.charAt(at++) : ' ';
        switch (c) {
            case '{' -> {
                depth++;
                add(Kind.OPERATOR, "S{");
            }
            case '}' -> {
                depth--;
                add(Kind.OPERATOR, "S}");
            }
            case '\\' -> add(Kind.OPERATOR, "row");
            case '|' -> add(Kind.OPERATOR, "|");
            default -> space = true;
        }
    }

    /** What stands in a text command are words; one letter in bold is a variable. */
    private void text(String command) {
        if (at >= s.length() || s.charAt(at) != '{') {
            return;
        }
        int end = s.indexOf('}', at);
        int nested = s.indexOf('{', at + 1);
        if (end < 0 || nested >= 0 && nested < end) {
            return; // the braces are a group like any other
        }
        String content = s.substring(at + 1, end).strip();
        boolean words = command.startsWith("text") || command.equals("mbox") || command.equals("mathrm");
        if (command.equals("mathbb") && content.equals("R")) {
            add(Kind.OPERATOR, "reals");
        } else if (content.matches("[A-Za-z]") && !words || command.equals("mathrm") && content.matches("[ei]")) {
            add(Kind.NAME, content);
        } else {
            space = true;
            int rest = end + 1;
            Lexer inner = new Lexer(content, thousandsInBrackets);
            inner.depth = depth;
            inner.inText();
            out.addAll(inner.out);
            at = rest;
            space = true;
            return;
        }
        at = end + 1;
    }

    private void inText() {
        space = true;
        while (at < s.length()) {
            if (letter(s.charAt(at))) {
                letters(true);
            } else {
                int before = at;
                runOne();
                if (at == before) {
                    at++;
                }
            }
        }
    }

    private void runOne() {
        char c = s.charAt(at);
        if (Character.isWhitespace(c)) {
            space = true;
            at++;
        } else if (digit(at) || c == '.' && digit(at + 1)) {
            number();
        } else if (c == '\\') {
            command();
        } else {
            operator();
        }
    }

    private void operator() {
        for (String two : List.of("<=", ">=", "!=", "==", "->", "...", "=<")) {
            if (s.startsWith(two, at)) {
                at += two.length();
                add(Kind.OPERATOR, two.equals("==") ? "=" : two.equals("=<") ? "<=" : two);
                return;
            }
        }
        char c = s.charAt(at++);
        depth += c == '(' || c == '[' ? 1 : 0;
        depth -= c == ')' || c == ']' ? 1 : 0;
        add(Kind.OPERATOR, String.valueOf(c));
    }
}
