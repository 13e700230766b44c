package io.github.psft4j.data;

import static io.github.psft4j.data.DataFixtures.DIR;
import static io.github.psft4j.data.DataFixtures.TEMPLATE;
import static io.github.psft4j.data.DataFixtures.TOKENIZER;
import static io.github.psft4j.data.MalformedDataTest.GOOD;
import static io.github.psft4j.data.MalformedDataTest.check;
import static io.github.psft4j.data.MalformedDataTest.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.options.BadRows;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.options.LossOn;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.hf.text.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Data files that are refused as a whole: too long, of another schema, torn, or not what the model can read. */
class RefusedDataFilesTest {

    @TempDir
    Path dir;

    @Test
    void aLineBeyondTheLimitIsRefusedAndTheNextIsRead() throws Exception {
        Path file = dir.resolve("long.jsonl");
        try (var out = Files.newBufferedWriter(file)) {
            out.write("{'prompt': '".replace('\'', '"'));
            String block = "x".repeat(1 << 20);
            for (int i = 0; i < 33; i++) {
                out.write(block);
            }
            out.write("', 'completion': 'b'}\n".replace('\'', '"') + GOOD);
        }
        DataOptions options =
                DataOptions.builder(file).threads(1).badRows(BadRows.DROP).build();
        try (DemonstrationSet set = DemonstrationFiles.read(options, TOKENIZER, null)) {
            assertEquals(1, set.size());
            assertTrue(set.report().firstDropped().get(0).contains(":1: a line of more than 32 MiB"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PK\3\4#, a zip archive or an Excel workbook, save the sheet as CSV",
        "GGUF#, a model of llama.cpp, Hugging Face directory",
        "version https://git-lfs.github.com/spec/v1#, a Git LFS pointer, git lfs pull",
        "ARROW1#, an Arrow or Feather file, Parquet",
        "<!doctype html>#, a web page, download address",
        "%PDF-1.7#, a PDF, JSONL or Parquet"
    })
    void aFileOfAnotherFormatIsNamedWithTheWayOut(String start, String format, String wayOut) throws Exception {
        Path file = Files.writeString(dir.resolve("rows"), start.replace("#", "\n") + GOOD);
        check(
                assertThrows(DataFormatException.class, () -> read(DataOptions.builder(file), null)),
                file,
                List.of("is " + format, wayOut));
    }

    @Test
    void whatTheModelLacksIsSaid() throws Exception {
        Path chat = DIR.resolve("messages.jsonl");
        check(
                assertThrows(DataFormatException.class, () -> read(DataOptions.builder(chat), null)),
                chat,
                List.of(":1: field 'messages'", "no chat template", "chat_template.jinja"));
        check(
                assertThrows(
                        DataFormatException.class,
                        () -> DemonstrationFiles.read(DataOptions.builder(chat).build(), null, TEMPLATE)),
                chat,
                List.of(":1: ", "no tokenizer.json", "input_ids"));
        Path missing = dir.resolve("missing.jsonl");
        check(
                assertThrows(DataFormatException.class, () -> read(DataOptions.builder(missing), null)),
                missing,
                List.of("no such file or directory"));
        Path none = Files.createDirectory(dir.resolve("none"));
        Files.writeString(none.resolve("notes.txt"), "x");
        check(
                assertThrows(DataFormatException.class, () -> read(DataOptions.builder(none), null)),
                none,
                List.of("no data file", "notes.txt", ".parquet"));
        assertTrue(assertThrows(
                        IllegalArgumentException.class,
                        () -> DataOptions.builder(chat).column("promt", "x").build())
                .getMessage()
                .contains("no field 'promt'"));
    }

    @Test
    void aConversationThatDoesNotEndInAnAnswerHasNoCompletion() throws Exception {
        Path file = Files.writeString(dir.resolve("open.jsonl"), """
                {"messages": [{"role": "user", "content": "a"}]}
                """);
        check(
                assertThrows(
                        DataFormatException.class,
                        () -> read(DataOptions.builder(file).lossOn(LossOn.COMPLETION), TEMPLATE)),
                file,
                List.of(":1: field 'messages'", "role 'user'", "loss_on: assistant"));
    }

    @Test
    void aTemplateThatRewritesEarlierTurnsIsRefusedRatherThanGuessed() throws Exception {
        Path file = DIR.resolve("messages.jsonl");
        ChatTemplate rewriting =
                ChatTemplate.of("{{ messages | length }}{{ messages | map(attribute='content') | join }}");
        check(
                assertThrows(DataFormatException.class, () -> read(DataOptions.builder(file), rewriting)),
                file,
                List.of("hides where message 3 begins", "data.chat_template", "{% generation %}"));
    }

    @Test
    void parquetOfAnotherSchemaNamesItsColumns() throws Exception {
        Path file = DIR.resolve("prompt-demonstration.zstd.parquet");
        check(
                assertThrows(
                        DataFormatException.class,
                        () -> read(DataOptions.builder(file).layout(Layout.QUESTION_ANSWER), TEMPLATE)),
                file,
                List.of(":1: field 'question' is missing", "prompt, demonstration"));
        Path wrong = Files.copy(DIR.resolve("text.jsonl"), dir.resolve("wrong.parquet"));
        check(
                assertThrows(DataFormatException.class, () -> read(DataOptions.builder(wrong), TEMPLATE)),
                wrong,
                List.of("not a Parquet file"));
    }

    /** Empty lines are no rows: nothing but the ratio ends the reading of a file full of them. */
    @Test
    void gzipThatUnpacksToAThousandTimesItsSizeIsRefused() throws Exception {
        Path file = dir.resolve("bomb.jsonl.gz");
        byte[] lines = new byte[1 << 20];
        Arrays.fill(lines, (byte) '\n');
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < 400; i++) {
                out.write(lines);
            }
        }
        check(
                assertThrows(DataFormatException.class, () -> readRaw(file)),
                file,
                List.of("200 times its " + Files.size(file) + " bytes", "gunzip"));
    }

    private static void readRaw(Path file) {
        try (RawRows rows = RawRows.open(List.of(file))) {
            rows.forEachRemaining(row -> assertTrue(row.number() >= 1));
        }
    }

    /** Many cuts and changed bytes of every Parquet fixture: the right rows or a message, nothing else. */
    @Test
    void damagedParquetGivesAMessageAndNoOtherFailure() throws Exception {
        Random random = new Random(7);
        int refused = 0;
        try (Stream<Path> files = Files.list(DIR)) {
            for (Path good : files.filter(f -> f.toString().endsWith(".parquet"))
                    .sorted()
                    .toList()) {
                byte[] bytes = Files.readAllBytes(good);
                for (int i = 0; i < 100; i++) {
                    byte[] bad = i < 20 ? Arrays.copyOf(bytes, random.nextInt(bytes.length - 4) + 4) : bytes.clone();
                    for (int k = 0; i >= 20 && k <= i % 3; k++) {
                        bad[4 + random.nextInt(bad.length - 4)] = (byte) random.nextInt(256);
                    }
                    Path file = Files.write(dir.resolve("damaged.parquet"), bad);
                    try {
                        readRaw(file);
                        assertTrue(i >= 20, "a torn file was read");
                    } catch (DataFormatException e) {
                        check(e, file, List.of());
                        refused++;
                    }
                }
            }
        }
        assertTrue(refused > 6 * 20, "only " + refused + " were refused");
    }
}
