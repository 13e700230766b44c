package io.github.psft4j.data;

import static io.github.psft4j.data.DataFixtures.DIR;
import static io.github.psft4j.data.DataFixtures.TEMPLATE;
import static io.github.psft4j.data.DataFixtures.TOKENIZER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.encode.BadRows;
import io.github.psft4j.data.encode.DataOptions;
import io.github.psft4j.data.encode.Layout;
import io.github.psft4j.data.encode.LossOn;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.hf.text.ChatTemplate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with a data file: one message of a few lines with file, line, field and way out. */
class MalformedDataTest {
    private static final String GOOD = "{\"prompt\": \"a\", \"completion\": \"b\"}\n";
    private static final int MAX_MESSAGE = 700;

    @TempDir
    Path dir;

    /** Bad bytes and what the message must say besides the file's name. */
    private record Case(String name, byte[] content, List<String> says) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case line(String name, String line, String... says) {
        return new Case(name, (GOOD + line + "\n" + GOOD).getBytes(StandardCharsets.UTF_8), withPlace(":2: ", says));
    }

    private static Case file(String name, String content, String... says) {
        return new Case(name, content.getBytes(StandardCharsets.UTF_8), List.of(says));
    }

    private static List<String> withPlace(String place, String... says) {
        return Stream.concat(Stream.of(place), Arrays.stream(says)).toList();
    }

    private static Case message(String name, String messages, String... says) {
        return file(
                name,
                "{\"messages\": " + messages + "}\n",
                withPlace(":1: field 'messages'", says).toArray(String[]::new));
    }

    private static Case tokens(String name, String ids, String mask, String... says) {
        return file(
                name,
                "{\"input_ids\": " + ids + ", \"loss_mask\": " + mask + "}\n",
                withPlace(":1: field '", says).toArray(String[]::new));
    }

    static Stream<Case> cases() {
        return Stream.of(
                line("torn line", "{\"prompt\": \"a\", \"compl", "not valid JSON", "column", "correct the line"),
                line("no JSON number", "{\"prompt\": NaN}", "Non-standard token 'NaN'; the line"),
                line("no JSON", "hello", "not valid JSON", "'hello'"),
                line("two objects on a line", GOOD.strip() + GOOD.strip(), "not valid JSON", "railing token"),
                line(
                        "a key twice",
                        "{\"prompt\": \"a\", \"prompt\": \"b\", \"completion\": \"c\"}",
                        "uplicate",
                        "'prompt'"),
                line("trailing comma", "{\"prompt\": \"a\", \"completion\": \"b\",}", "not valid JSON"),
                line("single quotes", "{'prompt': 'a', 'completion': 'b'}", "not valid JSON"),
                line("NaN", "{\"prompt\": \"a\", \"completion\": \"b\", \"w\": NaN}", "not valid JSON", "NaN"),
                line("an array", "[1, 2]", "a JSON array instead of an object", "jq -c '.[]'"),
                line("a string", "\"text\"", "a JSON string instead of an object"),
                line("null", "null", "a JSON null instead of an object"),
                line("a control character", "{\"prompt\": \"a\u0001\", \"completion\": \"b\"}", "not valid JSON"),
                line("very deep", "{\"prompt\": " + "[".repeat(100_000), "not valid JSON", "nesting depth"),
                line("very deep and closed", "{\"x\": " + "[".repeat(5000) + "]".repeat(5000) + "}", "nesting depth"),
                line(
                        "half an emoji",
                        "{\"prompt\": \"\\ud83e\", \"completion\": \"b\"}",
                        "'prompt'",
                        "surrogate",
                        "character 1"),
                line(
                        "a number for a string",
                        "{\"prompt\": \"a\", \"completion\": 5}",
                        "field 'completion' is a number instead of a string: 5"),
                line(
                        "null for a string",
                        "{\"prompt\": null, \"completion\": \"b\"}",
                        "field 'prompt' is null",
                        "fill it in"),
                line(
                        "another layout",
                        "{\"question\": \"a\", \"answer\": \"b\"}",
                        "field 'prompt' is missing",
                        "question, answer",
                        "map the column"),
                line(
                        "messages for a string",
                        "{\"prompt\": \"a\", \"completion\": [{\"role\": \"assistant\", \"content\": \"b\"}]}",
                        "field 'completion' is an array instead of a string"),
                file("empty", "", "the file is empty", "fetch it again"),
                file("only empty lines", "\n \n\t\r\n", "there is no row"),
                file("an array over lines", "[\n{\"prompt\": \"a\"}\n]", ":1: ", "jq -c '.[]?'"),
                file("an object over lines", "{\n\"prompt\": \"a\"\n}", ":1: ", "jq -c . FILE"),
                file(
                        "unknown columns",
                        "{\"instruction\": \"a\", \"output\": \"b\"}\n",
                        ":1: ",
                        "no known layout",
                        "instruction, output",
                        "prompt + completion",
                        "map other names"),
                file(
                        "two layouts",
                        "{\"prompt\": \"a\", \"completion\": \"b\", \"text\": \"c\"}\n",
                        "more than one layout",
                        "PROMPT_COMPLETION, TEXT",
                        "name the layout"),
                file("a web page", "<html>not found</html>\n", ":1: ", "not valid JSON"),
                tokens("mask longer than ids", "[1, 2]", "[0, 1, 1]", "'loss_mask' has 3 values but 'input_ids' has 2"),
                tokens(
                        "id outside the vocabulary",
                        "[1, 100000]",
                        "[0, 1]",
                        "'input_ids' has the id 100000 at index 1",
                        "go from 0 to"),
                tokens("ignore index", "[1, -100]", "[0, 1]", "the id -100 at index 1", "loss_mask"),
                tokens(
                        "id beyond int",
                        "[1, 99999999999999999999]",
                        "[0, 1]",
                        "the id 99999999999999999999 at index 1"),
                tokens("fraction for an id", "[1, 2.5]", "[0, 1]", "'input_ids' has a number at index 1", "2.5"),
                tokens("words for ids", "[\"a\", \"b\"]", "[0, 1]", "'input_ids' has a string at index 0"),
                tokens("a number for ids", "7", "[0, 1]", "'input_ids' is a number instead of a list"),
                tokens(
                        "a weight in the mask",
                        "[1, 2]",
                        "[0, 0.5]",
                        "'loss_mask' has 0.5 at index 1",
                        "0, 1, true or false"),
                message("messages as text", "\"hello\"", "is a string instead of a list of {role, content}"),
                message("no messages", "[]", "empty list"),
                message("a message of text", "[\"hello\"]", "message 1 is a string instead of {role, content}"),
                message(
                        "unknown role",
                                "[{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"robot\", \"content\": \"b\"}]",
                        "message 2 has the unknown role 'robot'", "assistant, developer"),
                message("ShareGPT", "[{\"from\": \"human\", \"value\": \"a\"}]", "message 1 has no role", "ShareGPT"),
                message("no content", "[{\"role\": \"user\"}]", "message 1 has no content"),
                message(
                        "a number for content",
                        "[{\"role\": \"user\", \"content\": 1}]",
                        "message 1 has a content that is a number"),
                message(
                        "refused by the template", "[{\"role\": \"tool\", \"content\": \"a\"}]",
                        "refused by the chat template", "Unknown role: tool"),
                new Case(
                        "Windows encoding",
                        (GOOD + "{\"prompt\": \"naïve\", \"completion\": \"b\"}\n")
                                .getBytes(Charset.forName("windows-1252")),
                        List.of(":2: not UTF-8 at byte 15", "0xef", "iconv")),
                new Case("UTF-16", GOOD.getBytes(StandardCharsets.UTF_16), List.of(":1: not UTF-8", "UTF-16")),
                new Case("zeros", new byte[1000], List.of(":1: not valid JSON", "\\u0000")),
                new Case(
                        "torn gzip",
                        Arrays.copyOf(gzip(GOOD.repeat(50)), 60),
                        List.of("gzip stream is torn", "gzip -t")),
                new Case("a gzip header only", new byte[] {0x1f, (byte) 0x8b, 8}, List.of("gzip header is torn;")),
                new Case(
                        "Parquet magic only",
                        "PAR1".getBytes(StandardCharsets.US_ASCII),
                        List.of("torn", "fetch it again")));
    }

    private static byte[] gzip(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aMessageNamesFileLineFieldAndRemedy(Case bad) throws Exception {
        Path file = Files.write(dir.resolve("bad-file.jsonl"), bad.content());
        check(
                assertThrows(DataFormatException.class, () -> read(DataOptions.builder(file), TEMPLATE)),
                file,
                bad.says());
    }

    private static void check(DataFormatException e, Path file, List<String> says) {
        String message = e.getMessage();
        for (String part : says) {
            assertTrue(message.contains(part), "'" + part + "' is not in: " + message);
        }
        assertTrue(message.contains(file.getFileName().toString()), message);
        assertTrue(message.length() < MAX_MESSAGE && message.lines().count() == 1, message);
        assertTrue(message.chars().noneMatch(Character::isISOControl), message);
    }

    private static void read(DataOptions.Builder options, ChatTemplate template) {
        DemonstrationFiles.read(options.threads(1).build(), TOKENIZER, template).close();
    }

    @Test
    void aLineBeyondTheLimitIsRefusedAndTheNextIsRead() throws Exception {
        Path file = dir.resolve("long.jsonl");
        try (var out = Files.newBufferedWriter(file)) {
            out.write("{\"prompt\": \"");
            String block = "x".repeat(1 << 20);
            for (int i = 0; i < 33; i++) {
                out.write(block);
            }
            out.write("\", \"completion\": \"b\"}\n" + GOOD);
        }
        DataOptions options =
                DataOptions.builder(file).threads(1).badRows(BadRows.DROP).build();
        try (DemonstrationSet set = DemonstrationFiles.read(options, TOKENIZER, null)) {
            assertEquals(1, set.size());
            assertTrue(set.report().firstDropped().get(0).contains(":1: a line of more than 32 MiB"));
        }
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
        Path file = Files.writeString(
                dir.resolve("open.jsonl"), "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}\n");
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
                ChatTemplate.of("{{ messages | length }}{% for m in messages %}{{ m.content }}{% endfor %}");
        check(
                assertThrows(DataFormatException.class, () -> read(DataOptions.builder(file), rewriting)),
                file,
                List.of("hides where message 3 begins", "{% generation %}"));
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
