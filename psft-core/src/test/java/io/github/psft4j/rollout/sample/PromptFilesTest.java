package io.github.psft4j.rollout.sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.options.BadRows;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptFilesTest {

    private static final Path MODEL = Path.of("src/test/resources/golden/qwen2-chat-tiny");

    @TempDir
    Path dir;

    private final Tokenizer tokenizer = Tokenizer.load(MODEL);
    private final ChatTemplate template = ChatTemplate.load(MODEL);

    private DataOptions.Builder rows(String... lines) throws IOException {
        Path file = Files.write(dir.resolve("prompts.jsonl"), List.of(lines));
        return DataOptions.builder(file);
    }

    private List<Prompt> read(DataOptions.Builder options, int longest) {
        return PromptFiles.read(options.build(), longest, tokenizer, template);
    }

    @Test
    void textAndMessagesArePromptsAndTheRestIsForTheRewards() throws IOException {
        List<Prompt> prompts = read(
                rows(
                        "{\"prompt\": \"2+2=\", \"answer\": 4, \"level\": \"easy\"}",
                        "{\"prompt\": [{\"role\": \"user\", \"content\": \"2+2=\"}], \"answer\": 4}"),
                1000);
        assertArrayEquals(tokenizer.encode("2+2="), prompts.get(0).ids());
        assertEquals("2+2=", prompts.get(0).value().textValue());
        assertEquals(
                List.of("answer", "level"), List.copyOf(prompts.get(0).columns().keySet()));
        String rendered = template.render(List.of(java.util.Map.of("role", "user", "content", "2+2=")), true)
                .text();
        assertArrayEquals(tokenizer.encode(rendered, false), prompts.get(1).ids());
        assertEquals("user", prompts.get(1).value().get(0).get("role").textValue());
    }

    @Test
    void textBecomesAUserMessageWhereThatIsAsked() throws IOException {
        Prompt chat = read(rows("{\"question\": \"2+2=\"}").promptAsUserMessage(true), 1000)
                .get(0);
        Prompt same = read(rows("{\"prompt\": [{\"role\": \"user\", \"content\": \"2+2=\"}]}"), 1000)
                .get(0);
        assertArrayEquals(same.ids(), chat.ids());
    }

    @Test
    void aColumnOfAnotherNameIsMapped() throws IOException {
        Prompt prompt = read(rows("{\"task\": \"2+2=\", \"prompt\": \"other\"}").column("prompt", "task"), 1000)
                .get(0);
        assertEquals("2+2=", prompt.value().textValue());
        assertEquals(List.of("prompt"), List.copyOf(prompt.columns().keySet()));
    }

    @Test
    void whatIsNoPromptIsNamedWithItsPlace() throws IOException {
        DataOptions.Builder answered = rows(
                "{\"prompt\": \"a\"}",
                "{\"prompt\": [{\"role\": \"user\", \"content\": \"a\"},"
                        + " {\"role\": \"assistant\", \"content\": \"b\"}]}");
        String message = assertThrows(DataFormatException.class, () -> read(answered, 1000))
                .getMessage();
        assertTrue(message.contains("prompts.jsonl:2: field 'prompt' ends with an answer"), message);
        assertEquals(1, read(answered.badRows(BadRows.DROP), 1000).size());

        DataOptions.Builder none = rows("{\"text\": \"a\"}");
        String missing =
                assertThrows(DataFormatException.class, () -> read(none, 1000)).getMessage();
        assertTrue(missing.contains("data.columns={prompt: COLUMN}") && missing.contains("text"), missing);
    }

    @Test
    void promptsThatLeaveNoRoomAreLeftOut() throws IOException {
        DataOptions.Builder options = rows("{\"prompt\": \"short\"}", "{\"prompt\": \"" + "long ".repeat(99) + "\"}");
        assertEquals(1, read(options, 20).size());
        String message =
                assertThrows(DataFormatException.class, () -> read(options, 1)).getMessage();
        assertTrue(message.contains("2 have more than 1 tokens"), message);
    }
}
