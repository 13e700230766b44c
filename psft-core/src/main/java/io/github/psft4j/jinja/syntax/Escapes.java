package io.github.psft4j.jinja.syntax;

/** Escapes in string literals, as Python's "unicode-escape". */
final class Escapes {
    private Escapes() {}

    /** @throws IllegalArgumentException if an escape breaks off */
    static String decode(String literal) {
        if (literal.indexOf('\\') < 0) {
            return literal;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            c = literal.charAt(++i);
            switch (c) {
                case '\n' -> {
                    // a continued line
                }
                case '\\', '\'', '"' -> out.append(c);
                case 'a' -> out.append('\u0007');
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case 'v' -> out.append('\u000b');
                case 'x' -> i += hex(literal, i + 1, 2, out);
                case 'u' -> i += hex(literal, i + 1, 4, out);
                case 'U' -> i += hex(literal, i + 1, 8, out);
                case 'N' -> i += named(literal, i + 1, out);
                case '0', '1', '2', '3', '4', '5', '6', '7' -> i += octal(literal, i, out) - 1;
                default -> out.append('\\').append(asAscii(literal, i));
            }
            if (c > 127 && Character.isHighSurrogate(c)) {
                i++;
            }
        }
        return out.toString();
    }

    /** Python goes through ASCII first: behind a backslash, what is not ASCII is left as the escape that it became. */
    private static String asAscii(String literal, int at) {
        int c = literal.codePointAt(at);
        return c < 128 ? String.valueOf((char) c) : String.format(c < 256 ? "x%02x" : c < 65536 ? "u%04x" : "U%08x", c);
    }

    private static int hex(String literal, int at, int digits, StringBuilder out) {
        int end = at + digits;
        if (end > literal.length() || !literal.substring(at, end).matches("[0-9a-fA-F]+")) {
            throw new IllegalArgumentException("truncated escape, " + digits + " hexadecimal digits expected");
        }
        long code = Long.parseLong(literal.substring(at, end), 16);
        if (code > Character.MAX_CODE_POINT) {
            throw new IllegalArgumentException("illegal Unicode character");
        }
        out.appendCodePoint((int) code);
        return digits;
    }

    private static int octal(String literal, int at, StringBuilder out) {
        int end = at;
        int code = 0;
        while (end < literal.length() && end < at + 3 && literal.charAt(end) >= '0' && literal.charAt(end) <= '7') {
            code = code * 8 + literal.charAt(end++) - '0';
        }
        out.append((char) code);
        return end - at;
    }

    private static int named(String literal, int at, StringBuilder out) {
        int end = literal.indexOf('}', at);
        if (!literal.startsWith("{", at) || end < 0) {
            throw new IllegalArgumentException("malformed \\N character escape");
        }
        out.appendCodePoint(Character.codePointOf(literal.substring(at + 1, end)));
        return end + 1 - at;
    }
}
