package io.github.psft4j.monitor.report;

/** Text as HTML. */
public final class Html {

    private Html() {}

    /** ASCII prose or a table cell as element content: escaped, with real plus-minus signs. */
    public static String text(String ascii) {
        return escape(ascii.strip()).replace("+-", "&plusmn;");
    }

    /** {@code text} with the characters escaped that mean something in element content or in a quoted attribute. */
    public static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
