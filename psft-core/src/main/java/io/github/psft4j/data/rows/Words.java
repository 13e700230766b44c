package io.github.psft4j.data.rows;

import java.util.Collection;
import java.util.List;

/** Values in messages: short, on one line, visible. */
public final class Words {
    private static final int MAX_CHARS = 80;
    private static final int MAX_ITEMS = 12;

    private Words() {}

    /** At most eighty characters; control characters are written as escapes. */
    public static String brief(String value) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            if (out.length() >= MAX_CHARS) {
                return out.append("... (")
                        .append(value.length())
                        .append(" characters)")
                        .toString();
            }
            char c = value.charAt(i);
            if (Character.isISOControl(c) || Character.isSurrogate(c)) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    /** The first dozen, comma separated. */
    public static String few(Collection<String> items) {
        if (items.isEmpty()) {
            return "nothing";
        }
        List<String> first = items.stream().limit(MAX_ITEMS).map(Words::brief).toList();
        String more = items.size() > MAX_ITEMS ? ", ... (" + items.size() + ")" : "";
        return String.join(", ", first) + more;
    }
}
