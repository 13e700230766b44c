package io.github.psft4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.hf.text.ChatTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The files that {@code make.py} and {@code make_spark.py} wrote: every type, layout, codec and size. */
class ParquetFilesTest {
    private static final Path DIR = DataFixtures.DIR.resolve("parquet");

    /** {@code NAME.WRITER.parquet} beside {@code NAME.jsonl}. */
    static Stream<String> files() throws IOException {
        try (Stream<Path> files = Files.list(DIR)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("[^.]+\\.[^.]+\\.parquet"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyFileHasTheRowsOfItsJsonl(String file) throws IOException {
        Path twin = DIR.resolve(file.substring(0, file.indexOf('.')) + ".jsonl");
        List<String> expected = new ArrayList<>();
        for (RawRow row : Files.size(twin) == 0 ? List.<RawRow>of() : rows(twin)) {
            expected.add(row.fields().toString());
        }
        List<String> seen = new ArrayList<>();
        rows(DIR.resolve(file)).forEach(row -> seen.add(row.fields().toString()));
        if (!file.startsWith("decimals")) {
            assertEquals(expected, seen);
        } else { // the parser of JSONL makes doubles of them
            assertEquals(String.join("\n", seen), Files.readString(twin).strip());
        }
    }

    @Test
    void aDictionaryOfAnySizeIsRead() {
        List<RawRow> rows = rows(DIR.resolve("dictionary-of-20-MB.parquet"));
        assertEquals(900, rows.size());
        assertEquals("899 ".repeat(5500), rows.get(899).fields().get("text").textValue());
    }

    @ParameterizedTest
    @CsvSource({
        "refused-brotli, the codec BROTLI is not read; write the file with zstd",
        "refused-encrypted, an encrypted Parquet file; write it again without encryption",
        "refused-encrypted-column, an encrypted column; write the file again without encryption"
    })
    void whatIsNotReadIsRefusedByNameAndNotCalledDamaged(String name, String said) {
        Path file = DIR.resolve(name + ".parquet");
        String message =
                assertThrows(DataFormatException.class, () -> rows(file)).getMessage();
        for (String part : said.split("; ")) {
            assertTrue(message.contains(part), message);
        }
        assertFalse(message.contains("damaged"), message);
    }

    @Test
    void aValueThatIsNoJsonIsAFaultOfItsRowOnly() {
        Path file = DIR.resolve("faults.parquet");
        List<String> seen = new ArrayList<>();
        try (RawRows rows = RawRows.open(List.of(file))) {
            while (rows.hasNext()) {
                try {
                    seen.add(rows.next().fields().toString());
                } catch (DataFormatException e) {
                    seen.add(e.getMessage());
                }
            }
        }
        assertEquals(5, seen.size());
        assertEquals("{\"meta\":{\"a\":1}}", seen.get(0));
        assertTrue(seen.get(1).startsWith(file + ":2: field 'meta' has a value of the type JSON"), seen.get(1));
        assertTrue(seen.get(2).startsWith(file + ":3: field 'meta'"), seen.get(2));
        assertTrue(seen.get(3).startsWith(file + ":4: field 'meta'"), seen.get(3));
        assertEquals("{\"meta\":{\"a\":3}}", seen.get(4));
    }

    /** {@code tools} holds the parameters of two tools, so each lacks those of the other. */
    @Test
    void theReportSaysOnceThatNullFieldsAreLeftOut() {
        List<String> said = notes("tools.pyarrow.parquet").stream()
                .filter(note -> note.contains("null fields of objects are left out"))
                .toList();
        assertEquals(1, said.size(), said.toString());
        assertTrue(said.get(0).contains("'messages.tool_calls"), said.get(0));
        assertFalse(notes("tools.datasets-json.parquet").toString().contains("left out"));
    }

    /** Of a template that writes tool calls. */
    private static List<String> notes(String file) {
        DataOptions options = DataOptions.builder(DIR.resolve(file)).build();
        ChatTemplate template = ChatTemplate.load(DataFixtures.MODEL, "qwen2.5");
        try (DemonstrationSet set = DemonstrationFiles.read(options, DataFixtures.TOKENIZER, template)) {
            return set.report().notes();
        }
    }

    private static List<RawRow> rows(Path file) {
        List<RawRow> rows = new ArrayList<>();
        try (RawRows source = RawRows.open(List.of(file))) {
            source.forEachRemaining(rows::add);
        }
        return rows;
    }
}
