package io.github.psft4j.jinja.syntax;

import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.syntax.Token.Type;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.PythonStrings;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens and applies white space control. A minus strips all white space on its side, and a plus
 * keeps it. Without either, a block or comment loses the newline behind it and the indentation before it.
 */
final class Lexer {
    private static final Pattern RAW = Pattern.compile("\\{%([-+]?)\\s*raw\\s*(?:(-)%}|%})");
    private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(?:([-+])%}|%})");
    private static final Pattern FLOAT = Pattern.compile(
            "(?<!\\.)(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][+-]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)");
    private static final Pattern INTEGER = Pattern.compile(
            "0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\\da-fA-F])+" + "|[1-9](?:_?\\d)*|0(?:_?0)*");
    private static final List<String> LONG_OPERATORS = List.of("//", "**", "==", "!=", ">=", "<=");
    private static final String OPERATORS = "+-/*%~[](){}><=.:|,;";

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int pos;
    private int line = 1;
    private int lineCounted;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        if (source.endsWith("\n")) {
            source = source.substring(0, source.length() - 1); // one only, as Jinja2
        }
        Lexer lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (pos < source.length()) {
            int tag = nextTag();
            if (tag < 0) {
                add(Type.DATA, source.substring(pos), pos);
                pos = source.length();
                break;
            }
            char kind = source.charAt(tag + 1);
            Matcher raw = RAW.matcher(source).region(tag, source.length());
            if (raw.lookingAt()) {
                text(tag, sign(raw.group(1)), true);
                pos = raw.end();
                if (raw.group(2) != null) {
                    skipSpace();
                }
                raw();
                continue;
            }
            char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
            boolean signed = sign == '-' || sign == '+';
            text(tag, signed ? sign : ' ', kind != '{');
            pos = tag + (signed ? 3 : 2);
            switch (kind) {
                case '#' -> comment(tag);
                case '%' -> {
                    add(Type.BLOCK_BEGIN, "{%", tag);
                    expression('%');
                }
                default -> {
                    add(Type.VARIABLE_BEGIN, "{{", tag);
                    expression('}');
                }
            }
        }
        add(Type.END, "", source.length());
    }

    private int nextTag() {
        for (int i = source.indexOf('{', pos); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            if ("{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    /** Emits the text from pos up to a tag, stripped as the tag's sign and kind ask. */
    private void text(int tag, char sign, boolean block) {
        String text = source.substring(pos, tag);
        if (sign == '-') {
            text = PythonStrings.stripEnd(text, null);
        } else if (sign != '+' && block) {
            int lineStart = text.lastIndexOf('\n') + 1;
            boolean atLineStart = lineStart > 0 || pos == 0 || source.charAt(pos - 1) == '\n';
            if (atLineStart
                    && PythonStrings.strip(text.substring(lineStart), null).isEmpty()) {
                text = text.substring(0, lineStart);
            }
        }
        if (!text.isEmpty()) {
            add(Type.DATA, text, pos);
        }
    }

    private void raw() {
        Matcher end = END_RAW.matcher(source).region(pos, source.length());
        if (pos == source.length()) {
            return; // as for comments
        }
        if (!end.find()) {
            throw error("{% raw %} without {% endraw %}", pos);
        }
        text(end.start(), sign(end.group(1)), true);
        pos = end.end();
        afterBlock(sign(end.group(2)));
    }

    private void comment(int tag) {
        int end = source.indexOf("#}", pos);
        if (end < 0 && pos == source.length()) {
            return; // Jinja2 lets a comment pass that opens at the very end
        }
        if (end < 0) {
            throw error("comment without its end '#}'", tag);
        }
        char sign = end > pos ? source.charAt(end - 1) : ' ';
        pos = end + 2;
        afterBlock(sign);
    }

    private void afterBlock(char sign) {
        if (sign == '-') {
            skipSpace();
        } else if (sign != '+' && pos < source.length() && source.charAt(pos) == '\n') {
            pos++;
        }
    }

    private static char sign(String group) {
        return group == null || group.isEmpty() ? ' ' : group.charAt(0);
    }

    private void skipSpace() {
        while (pos < source.length() && PythonStrings.isSpace(source.charAt(pos))) {
            pos++;
        }
    }

    /** Tokens inside {@code {% %}} or {@code {{ }}}, up to and with the end. */
    private void expression(char kind) {
        int start = pos;
        Deque<Character> open = new ArrayDeque<>();
        while (true) {
            skipSpace();
            if (pos >= source.length()) {
                throw error("tag without its end '" + kind + "}'", start);
            }
            if (open.isEmpty() && atEnd(kind)) {
                return;
            }
            char c = source.charAt(pos);
            if (c >= '0' && c <= '9') {
                number();
            } else if (c == '_' || Character.isLetter(source.codePointAt(pos))) {
                name();
            } else if (c == '\'' || c == '"') {
                string(c);
            } else {
                operator(open);
            }
        }
    }

    private boolean atEnd(char kind) {
        int at = pos;
        char c = source.charAt(at);
        boolean minus = c == '-';
        if (minus || c == '+' && kind == '%') {
            at++;
        }
        if (!source.startsWith(kind + "}", at)) {
            return false;
        }
        boolean signed = at > pos;
        add(kind == '%' ? Type.BLOCK_END : Type.VARIABLE_END, kind + "}", pos);
        pos = at + 2;
        if (minus) {
            skipSpace();
        } else if (!signed && kind == '%') {
            afterBlock(' ');
        }
        return true;
    }

    private void number() {
        Matcher number = FLOAT.matcher(source).useTransparentBounds(true).region(pos, source.length());
        if (number.lookingAt()) {
            add(Type.FLOAT, Double.valueOf(number.group().replace("_", "")), pos);
            pos = number.end();
            return;
        }
        number = INTEGER.matcher(source).region(pos, source.length());
        if (!number.lookingAt()) {
            throw error("'" + source.charAt(pos) + "' is no number", pos);
        }
        String digits = number.group().replace("_", "");
        int radix = digits.length() < 2
                ? 10
                : switch (digits.charAt(1)) {
                    case 'b', 'B' -> 2;
                    case 'o', 'O' -> 8;
                    case 'x', 'X' -> 16;
                    default -> 10;
                };
        add(
                Type.INTEGER,
                PythonNumbers.integer(new BigInteger(radix == 10 ? digits : digits.substring(2), radix)),
                pos);
        pos = number.end();
    }

    private void name() {
        int start = pos;
        while (pos < source.length()
                && (source.charAt(pos) == '_' || Character.isLetterOrDigit(source.codePointAt(pos)))) {
            pos += Character.charCount(source.codePointAt(pos));
        }
        add(Type.NAME, source.substring(start, pos), start);
    }

    private void string(char quote) {
        int end = pos + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw error("string without its end " + quote, pos);
        }
        String value;
        try {
            value = Escapes.decode(source.substring(pos + 1, end));
        } catch (IllegalArgumentException e) {
            throw error(e.getMessage(), pos);
        }
        add(Type.STRING, value, pos);
        pos = end + 1;
    }

    private void operator(Deque<Character> open) {
        char c = source.charAt(pos);
        for (String two : LONG_OPERATORS) {
            if (source.startsWith(two, pos)) {
                add(Type.OPERATOR, two, pos);
                pos += 2;
                return;
            }
        }
        if (OPERATORS.indexOf(c) < 0) {
            throw error("unexpected character '" + Character.toString(source.codePointAt(pos)) + "'", pos);
        }
        switch (c) {
            case '(' -> open.push(')');
            case '[' -> open.push(']');
            case '{' -> open.push('}');
            case ')', ']', '}' -> {
                if (open.isEmpty() || open.peek() != c) {
                    throw error(
                            "unexpected '" + c + "'" + (open.isEmpty() ? "" : ", expected '" + open.peek() + "'"), pos);
                }
                open.pop();
            }
            default -> {
                // no bracket
            }
        }
        add(Type.OPERATOR, String.valueOf(c), pos);
        pos++;
    }

    private void add(Type type, Object value, int at) {
        tokens.add(new Token(type, value, lineOf(at)));
    }

    private int lineOf(int at) {
        for (; lineCounted < at; lineCounted++) {
            if (source.charAt(lineCounted) == '\n') {
                line++;
            }
        }
        return line;
    }

    private TemplateError error(String problem, int at) {
        int where =
                1 + (int) source.substring(0, at).chars().filter(c -> c == '\n').count();
        return TemplateError.of("syntax error: " + problem, where);
    }
}
