package io.github.psft4j.hf.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.io.RefusedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The templates that come with psft4j mark answers with their ends, and rewrite no earlier turn. */
class TrainingTemplatesTest {
    private static final List<Map<String, String>> CHAT = List.of(
            Map.of("role", "user", "content", "Q one"),
            Map.of("role", "assistant", "content", "A one"),
            Map.of("role", "user", "content", "Q two"),
            Map.of("role", "assistant", "content", "A two"));

    @TempDir
    Path dir;

    private ChatTemplate load(String name) throws Exception {
        Files.writeString(dir.resolve("tokenizer_config.json"), "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
        return ChatTemplate.load(dir, name);
    }

    static Stream<String> names() {
        return TrainingTemplates.names().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyAnswerIsMarkedWithTheEndOfItsTurn(String name) throws Exception {
        Rendering rendering = load(name).render(CHAT, false);
        List<String> marked = rendering.generationSpans().stream()
                .map(span -> rendering.text().substring(span.start(), span.end()))
                .toList();
        assertEquals(2, marked.size());
        for (int i = 0; i < 2; i++) {
            assertTrue(marked.get(i).contains(i == 0 ? "A one" : "A two"), marked.get(i));
            assertTrue(marked.get(i).endsWith(">"), marked.get(i));
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void whatTheModelIsAskedIsTheBeginningOfWhatIsTrained(String name) throws Exception {
        ChatTemplate template = load(name);
        Rendering whole = template.render(CHAT, false);
        for (int i = 0; i < 2; i++) {
            String asked = template.render(CHAT.subList(0, 2 * i + 1), true).text();
            assertEquals(
                    asked,
                    whole.text().substring(0, whole.generationSpans().get(i).start()));
        }
    }

    @Test
    void aFileIsATemplateToo() throws Exception {
        Path file = Files.writeString(dir.resolve("mine.jinja"), "{{ bos_token }}{{ messages | length }}");
        assertEquals("<s>4", load(file.toString()).render(CHAT, false).text());
    }

    @Test
    void anUnknownNameIsRefusedWithTheNamesThatThereAre() {
        String message =
                assertThrows(RefusedException.class, () -> load("qwen4")).getMessage();
        assertTrue(message.contains("qwen4 is neither a file") && message.contains("qwen2.5, qwen3"), message);
    }
}
