package io.github.psft4j.hf.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tokenizer, chat template, assistant mask and generation prompt against transformers. System property
 * {@code psft.golden.chat} names another folder with the same files: a tokenizer, a template,
 * {@code golden_encode.json} and {@code golden_chat.json}.
 */
class ChatGoldenTest {
    private static final Path DIR =
            Path.of(System.getProperty("psft.golden.chat", "src/test/resources/golden/qwen2-chat-tiny"));
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Tokenizer tokenizer;
    private static ChatTemplate template;

    @BeforeAll
    static void load() {
        tokenizer = Tokenizer.load(DIR);
        template = ChatTemplate.load(DIR);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    static Stream<JsonNode> texts() throws IOException {
        return cases("golden_encode.json");
    }

    static Stream<JsonNode> conversations() throws IOException {
        return cases("golden_chat.json");
    }

    private static Stream<JsonNode> cases(String file) throws IOException {
        List<JsonNode> cases = new ArrayList<>();
        JSON.readTree(DIR.resolve(file).toFile()).forEach(cases::add);
        assertTrue(!cases.isEmpty(), file + " has no cases");
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("texts")
    void idsEqualTransformers(JsonNode golden) {
        assertArrayEquals(
                ints(golden.get("ids")), tokenizer.encode(golden.get("text").textValue()));
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void textIdsAndAssistantMaskEqualTransformers(JsonNode golden) {
        ChatTokens chat = template.encode(tokenizer, messages(golden), Map.of(), false);
        assertEquals(golden.get("text").textValue(), chat.text());
        assertArrayEquals(ints(golden.get("input_ids")), chat.tokens());
        int[] mask = new int[chat.tokens().length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = chat.assistantMask()[i] ? 1 : 0;
        }
        assertArrayEquals(ints(golden.get("assistant_mask")), mask);
    }

    /** What the model reads before it gives the answer that the conversation ends with, if it does. */
    @ParameterizedTest
    @MethodSource("conversations")
    void generationPromptEqualsTransformers(JsonNode golden) {
        List<Map<String, Object>> messages = messages(golden);
        int last = messages.size() - 1;
        boolean answered = messages.get(last).get("role").equals("assistant");
        Rendering prompt = template.render(answered ? messages.subList(0, last) : messages, true);
        assertEquals(golden.get("prompt").textValue(), prompt.text());
    }

    @Test
    void roleThatTheTemplateRefusesEndsInTheTemplatesMessage() {
        ChatTemplateException refusal = assertThrows(
                ChatTemplateException.class,
                () -> ChatTemplate.load(Path.of("src/test/resources/golden/qwen2-chat-tiny"))
                        .render(List.of(Map.of("role", "tool", "content", "42")), false));
        assertEquals("Unknown role: tool", refusal.getMessage());
        assertTrue(refusal.isRefusal());
    }

    private static List<Map<String, Object>> messages(JsonNode golden) {
        List<Map<String, Object>> messages = new ArrayList<>();
        golden.get("messages").forEach(message -> {
            @SuppressWarnings("unchecked")
            Map<String, Object> map = JSON.convertValue(message, Map.class);
            messages.add(map);
        });
        return messages;
    }

    private static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).intValue();
        }
        return values;
    }
}
