package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.Budget;

/** A string that is marked as safe HTML: joined to another one, it escapes that. */
public record Markup(String text) {
    public static String escape(String text) {
        Budget.read(8L * text.length());
        long added = text.chars()
                .filter(c -> c == '&' || c == '<' || c == '>' || c == '\'' || c == '"')
                .count();
        Budget.made(text.length() + 5 * added);
        return text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    /** Text for joining to safe text. */
    public static String escaped(Object value) {
        return value instanceof Markup safe ? safe.text : escape(Printing.str(value));
    }
}
