package io.github.psft4j.io;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Values as messages show them: short, on one line, with control characters and surrogates as escapes. */
public final class Shown {
    private static final int BRIEF = 80;
    private static final int WIDE = 200;
    private static final int ITEMS = 12;

    private Shown() {}

    /** {@link String#format} with a point in decimal fractions, whatever the language of the machine. */
    public static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** At most about 80 characters. */
    public static String brief(Object value) {
        return start(String.valueOf(value), BRIEF);
    }

    /** At most about 200 characters, for values that are sentences or JSON. */
    public static String wide(Object value) {
        return start(String.valueOf(value), WIDE);
    }

    private static String start(String text, int most) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (out.length() >= most) {
                return out.append("... (" + text.length() + " characters)").toString();
            }
            char c = text.charAt(i);
            boolean plain = !Character.isISOControl(c) && !Character.isSurrogate(c) && !turns(c);
            out.append(plain ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return out.toString();
    }

    /**
     * The whole text, which cannot write to a terminal. Control characters other than line feed and tab, and marks that
     * turn the direction of text, are escapes.
     */
    public static String harmless(String text) {
        StringBuilder out = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean windows = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n';
            boolean plain = c == '\n' || c == '\t' || windows || !Character.isISOControl(c) && !turns(c);
            if (!plain && out == null) {
                out = new StringBuilder(text.length() + 8).append(text, 0, i);
            }
            if (out != null) {
                out.append(plain ? String.valueOf(c) : String.format("\\u%04x", (int) c));
            }
        }
        return out == null ? text : out.toString();
    }

    /** {@link #harmless} on one line: a line feed is shown as {@code \n}. */
    public static String oneLine(String text) {
        return harmless(text.replace("\r\n", "\n")).replace("\n", "\\n").replace("\t", "\\t");
    }

    /** Embeddings, overrides and isolates, after which a reader sees other text than a program. */
    private static boolean turns(char c) {
        return c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069;
    }

    /** The first twelve items, comma separated. */
    public static String few(Collection<String> items) {
        if (items.isEmpty()) {
            return "nothing";
        }
        List<String> first = items.stream().limit(ITEMS).map(Shown::brief).toList();
        String more = items.size() > ITEMS ? ", ... (" + items.size() + ")" : "";
        return String.join(", ", first) + more;
    }
}
