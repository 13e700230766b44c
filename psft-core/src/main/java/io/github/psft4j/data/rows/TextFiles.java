package io.github.psft4j.data.rows;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;

/** Data files of text: JSON Lines, JSON, CSV and TSV, each plain, gzip or Zstandard. */
public final class TextFiles {

    /** Enough for the first line of pretty-printed JSON; of a longer one it does not matter. */
    private static final int HEAD = 1 << 16;

    private TextFiles() {}

    /** The rows of a file; CSV and TSV by the ending, JSON or JSON Lines by the content. */
    public static RowSource open(Path file) throws IOException {
        InputStream in = new BufferedInputStream(Unpacked.open(file), HEAD);
        try {
            String name = file.getFileName().toString().toLowerCase(Locale.ROOT).replaceAll("\\.(gz|zst)$", "");
            if (name.endsWith(".csv") || name.endsWith(".tsv")) {
                return new CsvSource(file, in, name.endsWith(".csv") ? ',' : '\t');
            }
            return JsonStreamSource.fits(Unpacked.peek(in, HEAD))
                    ? new JsonStreamSource(file, in)
                    : new JsonlSource(file, in);
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }
}
