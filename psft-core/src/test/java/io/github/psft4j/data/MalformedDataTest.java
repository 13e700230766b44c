package io.github.psft4j.data;

import static io.github.psft4j.data.DataFixtures.TEMPLATE;
import static io.github.psft4j.data.DataFixtures.TOKENIZER;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.options.DataOptions;
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
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with a data file: one message of a few lines with file, line, field and way out. */
class MalformedDataTest {
    static final String GOOD = """
            {"prompt": "a", "completion": "b"}
            """;
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
                """
                {"messages": %s}
                """.formatted(messages),
                withPlace(":1: field 'messages'", says).toArray(String[]::new));
    }

    private static Case tokens(String name, String ids, String mask, String... says) {
        return file(
                name, """
                {"input_ids": %s, "loss_mask": %s}
                """.formatted(ids, mask), withPlace(":1: field '", says).toArray(String[]::new));
    }

    /** A table with one case a line: its columns, from the third on what the message says. */
    private static Stream<Case> table(String rows, Function<String[], Case> make) {
        return rows.lines().map(row -> make.apply(row.strip().split(" *\\| ")));
    }

    private static String[] says(String[] row, int from) {
        return Arrays.stream(row, from, row.length)
                .map(say -> say.equals(":1:") ? ":1: " : say)
                .toArray(String[]::new);
    }

    static Stream<Case> lines() {
        return table("""
                torn line              | {"prompt": "a", "compl | not valid JSON | column | correct the line
                no JSON number         | {"prompt": NaN, "completion": "b"} | 'prompt' is a number instead of a string
                no JSON                | hello | not valid JSON | 'hello'
                two objects on a line  | {"prompt": "a", "completion": "b"}{"prompt": "a", "completion": "b"} \
                | not valid JSON | a second value follows the first
                a key twice            | {"prompt": "a", "prompt": "b", "completion": "c"} | uplicate | 'prompt'
                trailing comma         | {"prompt": "a", "completion": "b",} | not valid JSON
                single quotes          | {'prompt': 'a', 'completion': 'b'} | not valid JSON
                an array               | [1, 2] | a JSON array instead of an object | jq -c '.[]'
                a string               | "text" | a JSON string instead of an object
                null                   | null | a JSON null instead of an object
                half an emoji          | {"prompt": "\\ud83e", "completion": "b"} | 'prompt' | surrogate | character 1
                a number for a string  | {"prompt": "a", "completion": 5} \
                | field 'completion' is a number instead of a string: 5
                null for a string      | {"prompt": null, "completion": "b"} | field 'prompt' is null | fill it in
                another layout         | {"question": "a", "answer": "b"} \
                | field 'prompt' is missing | question, answer | map the column
                messages for a string  | {"prompt": "a", "completion": [{"role": "assistant", "content": "b"}]} \
                | field 'completion' is an array instead of a string
                """, row -> line(row[0], row[1], says(row, 2)));
    }

    static Stream<Case> files() {
        return table("""
                empty                  | | the file is empty | fetch it again
                only empty lines       | \\n \\n\\t\\r\\n | there is no row
                an array over lines    | [\\n{"prompt": "a"}\\n] | :1: | no known layout
                an object over lines   | {\\n"prompt": "a"\\n} | :1: | no known layout
                a torn array           | [\\n{"prompt": "a", "completion": "b"},\\n{"prompt": "a" \
                | :3: not valid JSON at column | what follows cannot be read
                an array of numbers    | [1, 2] | :1: a JSON number instead of an object: 1
                an object of rows      | {"data": [{"prompt": "a", "completion": "b"}]} | no known layout | columns data
                unknown columns        | {"a": "a", "b": "b"}\\n \
                | :1: | no known layout | a, b | prompt + completion | --set "data.columns={question: problem}"
                half a known pair      | {"prompt": "a", "response": "b"}\\n \
                | :1: | no known layout | prompt, response | --set "data.columns={
                two names of a pair    | {"query": "a", "answer": "b"}\\n | --set "data.columns={question: query}"
                a pair of two answers  | {"question": "a", "solution": "c", "answer": "b"}\\n \
                | which column is the answer | answer, solution | --set "data.columns={answer: solution}" \
                | {answer: answer}
                an answer of two parts | {"question": "a", "reasoning_content": "c", "answer": "b"}\\n \
                | which column is the answer | --set "data.columns={answer: reasoning_content}"
                no prompt              | {"response": "b"}\\n | no prompt beside it | "data.columns={text: response}"
                input and output       | {"input": "a", "output": "b"}\\n | "data.columns={instruction: input}"
                two layouts            | {"prompt": "a", "completion": "b", "text": "c"}\\n \
                | more than one layout | PROMPT_COMPLETION, TEXT | name the layout
                a web page             | <html>not found</html>\\n | is a web page | download address
                """, row -> file(row[0], row[1].translateEscapes(), says(row, 2)));
    }

    static Stream<Case> tokens() {
        return table("""
                mask longer than ids      | [1, 2] | [0, 1, 1] | 'loss_mask' has 3 values but 'input_ids' has 2
                id outside the vocabulary | [1, 100000] | [0, 1] | 'input_ids' has the id 100000 at index 1 \
                | go from 0 to
                ignore index              | [1, -100] | [0, 1] | the id -100 at index 1 | loss_mask
                id beyond int             | [1, 99999999999999999999] | [0, 1] | the id 99999999999999999999 at index 1
                fraction for an id        | [1, 2.5] | [0, 1] | 'input_ids' has a number at index 1 | 2.5
                words for ids             | ["a", "b"] | [0, 1] | 'input_ids' has a string at index 0
                a number for ids          | 7 | [0, 1] | 'input_ids' is a number instead of a list
                a weight in the mask      | [1, 2] | [0, 0.5] | 'loss_mask' has 0.5 at index 1 | 0, 1, true or false
                """, row -> tokens(row[0], row[1], row[2], says(row, 3)));
    }

    static Stream<Case> messages() {
        return table("""
                messages as text         | "hello" | is a string instead of a list of {role, content}
                no messages              | [] | empty list
                a message of text        | ["hello"] | message 1 is a string instead of {role, content}
                unknown role             | [{"role": "user", "content": "a"}, {"role": "robot", "content": "b"}] \
                | message 2 has the unknown role 'robot' | assistant, bot | developer
                neither role nor from    | [{"content": "a"}] | message 1 has no role | from and value
                messages of Python       | "[{'role': 'user'}]" | is a string instead of a list of {role, content}
                an image                 | [{"role": "user", "content": [{"type": "image_url"}]}] \
                | message 1 has a part of the type 'image_url' | text model
                parts that differ        | [{"role": "assistant", "content": [{"type": "text", "text": "a", \
                "train": false}, {"type": "text", "text": "b"}]}] | message 1 trains some parts
                some characters          | [{"role": "assistant", "content": "ab", "train_detail": [{"begin_offset": \
                0}]}] | message 1 has 'train_detail'
                no content               | [{"role": "user"}] | message 1 has no content
                a number for content     | [{"role": "user", "content": 1}] | message 1 has a content that is a number
                refused by the template  | [{"role": "tool", "content": "a"}] \
                | refused by the chat template | Unknown role: tool
                """, row -> message(row[0], row[1], says(row, 2)));
    }

    static Stream<Case> encodings() {
        return Stream.of(
                line("a control character", "{\"prompt\": \"a\u0001\", \"completion\": \"b\"}", "not valid JSON"),
                line("very deep", "{\"prompt\": " + "[".repeat(100_000), "not valid JSON", "nesting depth"),
                line("very deep and closed", "{\"x\": " + "[".repeat(5000) + "]".repeat(5000) + "}", "nesting depth"),
                new Case(
                        "Windows encoding",
                        (GOOD + """
                                {"prompt": "naïve", "completion": "b"}
                                """).getBytes(Charset.forName("windows-1252")),
                        List.of(":2: not UTF-8 at byte 15", "0xef", "iconv")),
                new Case("UTF-16", GOOD.getBytes(StandardCharsets.UTF_16), List.of(":1: not UTF-8", "UTF-16")),
                new Case("zeros", new byte[1000], List.of(":1: not valid JSON", "\\u0000")),
                new Case(
                        "torn gzip",
                        Arrays.copyOf(gzip(GOOD.repeat(50)), 60),
                        List.of("gzip stream is damaged", "gzip -t")),
                new Case("a gzip header only", new byte[] {0x1f, (byte) 0x8b, 8}, List.of("gzip header is damaged;")),
                new Case(
                        "Parquet magic only",
                        "PAR1".getBytes(StandardCharsets.US_ASCII),
                        List.of("incomplete", "fetch it again")));
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
    @MethodSource({"lines", "files", "tokens", "messages", "encodings"})
    void aMessageNamesFileLineFieldAndRemedy(Case bad) throws Exception {
        Path file = Files.write(dir.resolve("bad-file.jsonl"), bad.content());
        check(
                assertThrows(DataFormatException.class, () -> read(DataOptions.builder(file), TEMPLATE)),
                file,
                bad.says());
    }

    static void check(DataFormatException e, Path file, List<String> says) {
        String message = e.getMessage();
        for (String part : says) {
            assertTrue(message.contains(part), "'" + part + "' is not in: " + message);
        }
        assertTrue(message.contains(file.getFileName().toString()), message);
        assertTrue(message.length() < MAX_MESSAGE && message.lines().count() == 1, message);
        assertTrue(message.chars().noneMatch(Character::isISOControl), message);
    }

    static void read(DataOptions.Builder options, ChatTemplate template) {
        DemonstrationFiles.read(options.threads(1).build(), TOKENIZER, template).close();
    }
}
