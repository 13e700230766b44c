package io.github.psft4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.FuzzBounds;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RowSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Data files whose bytes are anything: what fuzzing executes and {@link HostileDataTest} replays. */
final class HostileData {

    /** Inputs are of some kilobytes; gzip and page codecs make a thousand times as much of them. */
    private static final long MAX_BYTES = 96 << 20;

    /** Enough to get from one row group to the next, few enough to go on. */
    private static final int MAX_ROWS = 1000;

    private HostileData() {}

    /**
     * Rows and what training makes of them.
     *
     * @return rows that became examples
     * @throws DataFormatException of the file as a whole
     */
    static int examples(Path file, byte[] bytes) throws Exception {
        Files.write(file, bytes);
        int[] made = new int[1];
        FuzzBounds.within(MAX_BYTES, () -> made[0] = examples(file));
        return made[0];
    }

    private static int examples(Path file) throws IOException {
        DataOptions options = DataOptions.builder(file).maxLength(1 << 20).build();
        RowTokenizer maker = new RowTokenizer(options, DataFixtures.TOKENIZER, DataFixtures.TEMPLATE);
        int made = 0;
        try (RawRows rows = RawRows.open(List.of(file))) {
            for (int i = 0; i < MAX_ROWS && rows.hasNext(); i++) {
                RowSource.Result row = rows.nextResult();
                if (row.fault() != null) {
                    requireNamed(row.fault(), row.row().location() + ":");
                    continue;
                }
                try {
                    if (maker.layout() == null) {
                        maker.start(row.row());
                    }
                    RowResult example = maker.make(row.row());
                    assertTrue(example.kept() == (example.dropped() == null));
                    made++;
                } catch (DataFormatException e) {
                    requireNamed(e, row.row().location() + ":");
                }
            }
        } catch (DataFormatException e) {
            requireNamed(e, file + ":");
            throw e;
        }
        return made;
    }

    private static void requireNamed(DataFormatException e, String place) {
        assertEquals(
                place,
                e.getMessage()
                        .substring(0, Math.min(place.length(), e.getMessage().length())));
        assertTrue(e.getMessage().length() < 2000, e.getMessage());
    }
}
