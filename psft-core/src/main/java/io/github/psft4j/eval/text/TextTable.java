package io.github.psft4j.eval.text;

import io.github.psft4j.io.FileCall;
import java.util.function.Consumer;

/** A table of tab-separated fields beside the classes of this package. */
final class TextTable {

    private TextTable() {}

    /** Gives the fields of each line, but for lines that begin with {@code #}. */
    static void read(String name, Consumer<String[]> line) {
        FileCall.resource(TextTable.class, name)
                .lines()
                .filter(text -> !text.startsWith("#"))
                .forEach(text -> line.accept(text.split("\t", -1)));
    }
}
