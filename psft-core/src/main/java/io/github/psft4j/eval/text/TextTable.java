package io.github.psft4j.eval.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A table of tab-separated fields beside the classes of this package. */
final class TextTable {

    private TextTable() {}

    /** Gives the fields of each line, but for lines that begin with {@code #}. */
    static void read(String name, Consumer<String[]> line) {
        try (InputStream in = TextTable.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is not in the jar of psft-core");
            }
            BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                if (!text.startsWith("#")) {
                    line.accept(text.split("\t", -1));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
