package io.github.psft4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.airlift.compress.zstd.ZstdOutputStream;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFormatException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of every text format give the rows of the same data in JSON Lines, one row in memory at a time. */
class RowFormatsTest {
    private static final List<String> ROWS =
            List.of("{\"question\":\"a, \\\"b\\\"\\nc\",\"answer\":\"\"}", "{\"question\":\"é 🐈\",\"answer\":\"d\"}");

    @TempDir
    Path dir;

    private static List<String> rows(Path file) {
        List<String> rows = new ArrayList<>();
        try (RawRows source = RawRows.open(List.of(file))) {
            source.forEachRemaining(row -> rows.add(row.fields().toString()));
        }
        return rows;
    }

    private Path write(String name, String content) throws Exception {
        return Files.writeString(dir.resolve(name), content);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[%s, %s]",
                "[\n  %s,\n  %s\n]\n",
                "\ufeff [%s,%s]",
                "{\n\"question\": \"a, \\\"b\\\"\\nc\",\n \"answer\": \"\"}\n%2$s",
                "[%s]\n[%s]\n"
            })
    void jsonOfAnyFormGivesTheRowsOfJsonLines(String form) throws Exception {
        assertEquals(ROWS, rows(write("rows.json", form.formatted(ROWS.get(0), ROWS.get(1)))));
    }

    @Test
    void anArrayOfMessagesIsOneConversation() throws Exception {
        String turns = "[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]";
        List<String> two = List.of("{\"messages\":" + turns + "}", "{\"messages\":" + turns + "}");
        assertEquals(two, rows(write("rows.jsonl", turns + "\n" + turns + "\n")));
        assertEquals(two, rows(write("rows.json", "[" + turns + "," + turns + "]")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "rows.csv | question,answer\\n\"a, \"\"b\"\"\\nc\",\\né 🐈,d\\n",
                "rows.csv | BOMquestion,answer\\r\\n\"a, \"\"b\"\"\\nc\",\"\"\\r\\n\\r\\né 🐈,\"d\"",
                "rows.tsv | question\\tanswer\\n\"a, \"\"b\"\"\\nc\"\\t\\né 🐈\\td\\n"
            })
    void separatedValuesAreTexts(String name, String content) throws Exception {
        Path file = write(name, content.replace("BOM", "\ufeff").translateEscapes());
        assertEquals(ROWS, rows(file));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "a,b\\n1\\n | :1: the row has 1 cells and the header 2",
                "a,b\\n1,2,3\\n | :1: the row has 3 cells and the header 2",
                "a,a\\n1,2\\n | column 'a' twice",
                "a;b\\n1;2\\n | separated by a comma",
                "a,b\\n1,\"2\\n | not valid CSV",
                "\\n | there is no header"
            })
    void separatedValuesThatAreNoTableAreRefused(String content, String says) throws Exception {
        Path file = write("rows.csv", content.translateEscapes());
        String message =
                assertThrows(DataFormatException.class, () -> rows(file)).getMessage();
        assertTrue(message.startsWith(file.toString()) && message.contains(says), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rows.jsonl.zst", "rows.json", "rows.csv.zst"})
    void zstandardIsUnpackedByContentAlsoOfSeveralFrames(String name) throws Exception {
        Path file = dir.resolve(name);
        boolean csv = name.contains("csv");
        try (OutputStream out = Files.newOutputStream(file)) {
            for (String part : csv ? List.of("question,answer\n", "a,b\n") : ROWS) {
                ZstdOutputStream frame = new ZstdOutputStream(new Unclosed(out));
                frame.write((csv ? part : part + "\n").getBytes(StandardCharsets.UTF_8));
                frame.close();
            }
        }
        assertEquals(csv ? List.of("{\"question\":\"a\",\"answer\":\"b\"}") : ROWS, rows(file));
        byte[] bytes = Files.readAllBytes(file);
        byte[] skipped = {0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
        Path parallel = dir.resolve("pzstd-" + name); // a frame to skip in front, as pzstd writes it, and one behind
        try (OutputStream out = Files.newOutputStream(parallel)) {
            out.write(skipped);
            out.write(bytes);
            out.write(skipped);
        }
        assertEquals(rows(file), rows(parallel));
        Path torn = Files.write(dir.resolve("torn-" + name), Arrays.copyOf(bytes, bytes.length - 5));
        String message =
                assertThrows(DataFormatException.class, () -> rows(torn)).getMessage();
        assertTrue(message.contains("zstd stream is damaged"), message);
    }

    /** Keeps the file open for the next frame. */
    private static final class Unclosed extends java.io.FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void close() {}
    }

    /** Python writes NaN; only a field that is read must be a number. */
    @Test
    void numbersThatJsonDoesNotHaveAreNoFaultWhereNothingReadsThem() throws Exception {
        Path file = write("rows.jsonl", """
                {"question": "a", "answer": "b", "score": NaN}
                {"question": "a", "answer": "b", "score": -Infinity}
                """);
        assertEquals(2, DataFixtures.read(DataOptions.builder(file)).size());
        DataOptions.Builder weighted = DataOptions.builder(file).column("weight", "score");
        String message = assertThrows(DataFormatException.class, () -> DataFixtures.read(weighted))
                .getMessage();
        assertTrue(message.contains(":1: field 'score' is \"NaN\"; a weight is a number"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rows.csv", "rows.json", "rows.jsonl"})
    void textInAnotherEncodingIsRefusedWithTheWayOut(String name) throws Exception {
        Path file = Files.write(dir.resolve(name), new byte[] {'[', (byte) 0xe9, ',', 'b', '\n', '1', ',', '2'});
        String message =
                assertThrows(DataFormatException.class, () -> rows(file)).getMessage();
        assertTrue(message.startsWith(file.toString()) && message.contains("iconv"), message);
        Path wide = Files.write(dir.resolve(name), "question,answer\na,b\n".getBytes(StandardCharsets.UTF_16));
        String said = assertThrows(DataFormatException.class, () -> rows(wide)).getMessage();
        assertTrue(said.contains("iconv -f UTF-16 -t UTF-8"), said);
    }

    @Test
    void aRowOfAnArrayBeyondTheLimitIsRefused() throws Exception {
        Path file = dir.resolve("long.json");
        try (var out = Files.newBufferedWriter(file)) {
            out.write("[{\"question\": \"a\", \"answer\": [");
            String block = "\"" + "x".repeat(1 << 20) + "\",";
            for (int i = 0; i < 33; i++) {
                out.write(block);
            }
            out.write("\"b\"]}]");
        }
        String message =
                assertThrows(DataFormatException.class, () -> rows(file)).getMessage();
        assertTrue(message.contains(":1: a row of more than 32 MiB"), message);
    }

    @Test
    void cellsOfSeparatedValuesHoldWeightsAndMessagesAsText() throws Exception {
        Path file = write(
                "rows.csv",
                "messages,w\n\"[{\"\"role\"\": \"\"user\"\", \"\"content\"\": \"\"a\"\"}, {\"\"role\"\":"
                        + " \"\"assistant\"\", \"\"content\"\": \"\"b\"\"}]\",0.25\n");
        var read = DataFixtures.read(DataOptions.builder(file).column("weight", "w"));
        assertEquals(0.25, read.get(0).weights()[read.get(0).length() - 1]);
    }
}
