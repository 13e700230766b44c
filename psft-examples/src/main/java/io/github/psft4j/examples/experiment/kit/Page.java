package io.github.psft4j.examples.experiment.kit;

import java.util.List;

/** Markdown: paragraphs broken into lines, lists and tables. */
public final class Page {

    private static final int WIDTH = 120;

    private final StringBuilder text = new StringBuilder();

    /** @param title of the page */
    public Page(String title) {
        text.append("# ").append(title).append('\n');
    }

    public Page section(String title) {
        text.append("\n## ").append(title).append('\n');
        return this;
    }

    /** A paragraph that begins right after its heading, or after an empty line. */
    public Page paragraph(String words) {
        boolean heading = text.lastIndexOf("\n#") >= text.lastIndexOf("\n", text.length() - 2);
        text.append(heading ? "" : "\n").append(wrapped("", "", words));
        return this;
    }

    public Page items(List<String> items) {
        text.append('\n');
        items.forEach(item -> text.append(wrapped("- ", "  ", item)));
        return this;
    }

    /** A line of code. */
    public Page code(String line) {
        text.append("\n    ").append(line).append('\n');
        return this;
    }

    public Page image(String title, String file) {
        text.append("\n![").append(title).append("](").append(file).append(")\n");
        return this;
    }

    public Page table(List<String> heading, List<List<String>> rows) {
        text.append('\n')
                .append(row(heading))
                .append("|---".repeat(heading.size()))
                .append("|\n");
        rows.forEach(row -> text.append(row(row)));
        return this;
    }

    private static String row(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    private static String wrapped(String first, String rest, String words) {
        StringBuilder out = new StringBuilder(first);
        int column = first.length();
        boolean start = true;
        for (String word : words.split(" ")) {
            if (!start && column + 1 + word.length() > WIDTH) {
                out.append('\n').append(rest);
                column = rest.length();
                start = true;
            }
            out.append(start ? "" : " ").append(word);
            column += word.length() + (start ? 0 : 1);
            start = false;
        }
        return out.append('\n').toString();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
