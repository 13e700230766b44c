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
    private static final Pattern TAG = Pattern.compile("\\{[{%#]");
    private static final Pattern RAW = Pattern.compile("\\{%([-+]?)\\s*raw\\s*(?:(-)%}|%})");
    private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(?:([-+])%}|%})");
    private static final String FLOAT =
            "(?<!\\.)(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][+-]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)";
    private static final String INTEGER =
            "0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\\da-fA-F])+|[1-9](?:_?\\d)*|0(?:_?0)*";
    private static final String NAME = "[_\\p{L}][_\\p{L}\\p{Nd}]*";
    private static final String OPERATOR = "//|\\*\\*|==|!=|>=|<=|[-+/*%~\\[\\](){}><=.:|,;]";
    private static final Pattern TOKEN = Pattern.compile(
            "(?<float>" + FLOAT + ")|(?<integer>" + INTEGER + ")|(?<name>" + NAME + ")|(?<operator>" + OPERATOR + ")");

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
        Matcher tags = TAG.matcher(source);
        while (tags.find(pos)) {
            int tag = tags.start();
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
        text(source.length(), '+', false);
        add(Type.END, "", source.length());
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
            if (c == '\'' || c == '"') {
                string(c);
            } else {
                token(open);
            }
        }
    }

    private boolean atEnd(char kind) {
        char c = source.charAt(pos);
        boolean signed = c == '-' || c == '+' && kind == '%';
        if (!source.startsWith(kind + "}", signed ? pos + 1 : pos)) {
            return false;
        }
        add(kind == '%' ? Type.BLOCK_END : Type.VARIABLE_END, kind + "}", pos);
        pos += signed ? 3 : 2;
        if (kind == '%' || signed) {
            afterBlock(signed ? c : ' ');
        }
        return true;
    }

    private void token(Deque<Character> open) {
        Matcher token = TOKEN.matcher(source).useTransparentBounds(true).region(pos, source.length());
        if (!token.lookingAt()) {
            throw error("unexpected character '" + Character.toString(source.codePointAt(pos)) + "'", pos);
        }
        String text = token.group();
        if (token.group("float") != null) {
            add(Type.FLOAT, Double.valueOf(text.replace("_", "")), pos);
        } else if (token.group("integer") != null) {
            add(Type.INTEGER, integer(text.replace("_", "")), pos);
        } else if (token.group("name") != null) {
            add(Type.NAME, text, pos);
        } else {
            bracket(text.charAt(0), open);
            add(Type.OPERATOR, text, pos);
        }
        pos = token.end();
    }

    private static Object integer(String digits) {
        int kind = digits.length() < 2 ? -1 : "box".indexOf(Character.toLowerCase(digits.charAt(1)));
        BigInteger value = kind < 0
                ? new BigInteger(digits)
                : new BigInteger(digits.substring(2), kind == 0 ? 2 : kind == 1 ? 8 : 16);
        return PythonNumbers.integer(value);
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

    private void bracket(char c, Deque<Character> open) {
        int kind = "([{".indexOf(c);
        if (kind >= 0) {
            open.push(")]}".charAt(kind));
        } else if (")]}".indexOf(c) >= 0) {
            Character expected = open.poll();
            if (expected == null || expected != c) {
                throw error("unexpected '" + c + "'" + (expected == null ? "" : ", expected '" + expected + "'"), pos);
            }
        }
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
