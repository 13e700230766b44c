package io.github.psft4j.hf.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.hf.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a model directory says about chats is used as transformers uses it. */
class ChatTemplateTest {
    private static final List<Map<String, String>> HELLO = List.of(Map.of("role", "user", "content", "hello"));
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    private String render(Map<String, ?> variables) {
        return ChatTemplate.load(dir).render(HELLO, variables, false).text();
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(dir.resolve(name), content);
    }

    @Test
    void templateFileWinsOverTheConfiguration() throws IOException {
        write("tokenizer_config.json", "{\"chat_template\": \"config {{ messages[0].content }}\"}");
        assertEquals("config hello", render(Map.of()));
        write("chat_template.jinja", "file {{ messages[0].content }}\n");
        assertEquals("file hello", render(Map.of()));
    }

    @Test
    void namedTemplateIsChosenByTools() throws IOException {
        write(
                "tokenizer_config.json",
                "{\"chat_template\": [{\"name\": \"default\", \"template\": \"plain\"},"
                        + " {\"name\": \"tool_use\", \"template\": \"{{ tools[0].name }}\"}]}");
        assertEquals("plain", render(Map.of()));
        assertEquals("f", render(Map.of("tools", List.of(Map.of("name", "f")))));
        write("chat_template.jinja", "file");
        Files.createDirectory(dir.resolve("additional_chat_templates"));
        write("additional_chat_templates/tool_use.jinja", "file with {{ tools | length }}");
        assertEquals("file", render(Map.of()));
        assertEquals("file with 1", render(Map.of("tools", List.of(Map.of("name", "f")))));
    }

    @Test
    void specialTokensAreVariablesInEitherForm() throws IOException {
        write("chat_template.jinja", "{{ bos_token }}{{ eos_token }}{{ pad_token }}{{ image_token }}{{ unk_token }}");
        write("special_tokens_map.json", "{\"bos_token\": \"<old>\", \"pad_token\": {\"content\": \"<pad>\"}}");
        write(
                "tokenizer_config.json",
                "{\"bos_token\": {\"__type\": \"AddedToken\", \"content\": \"<s>\", \"lstrip\": false},"
                        + " \"eos_token\": \"</s>\", \"unk_token\": null, \"add_bos_token\": true,"
                        + " \"extra_special_tokens\": {\"image_token\": \"<img>\"}}");
        assertEquals("<old></s><pad><img>", render(Map.of())); // as transformers 5.24 without added_tokens_decoder
        assertEquals("<mine></s><pad><img>", render(Map.of("bos_token", "<mine>")));
    }

    @Test
    void toolsAndDocumentsAreNoneUnlessGiven() {
        ChatTemplate template =
                ChatTemplate.of("{{ tools is none }}{{ documents is none }}{{ add_generation_prompt }}");
        assertEquals("TrueTrueFalse", template.render(HELLO, false).text());
        assertEquals(
                "FalseTrueTrue",
                template.render(HELLO, Map.of("tools", List.of()), true).text());
    }

    /** Under whichever name a message has it, templates find it as reasoning_content and as thinking. */
    @ParameterizedTest
    @ValueSource(strings = {"reasoning_content", "thinking", "reasoning"})
    void reasoningIsFoundUnderItsUsualNames(String name) {
        ChatTemplate template = ChatTemplate.of("{{ messages[0].reasoning_content }}|{{ messages[0].thinking }}");
        assertEquals(
                "why|why",
                template.render(List.of(Map.of("role", "assistant", name, "why")), false)
                        .text());
    }

    @Test
    void clockIsTheOneGiven() {
        Clock clock = Clock.fixed(Instant.parse("2024-07-26T23:59:59Z"), ZoneOffset.UTC);
        ChatTemplate template =
                ChatTemplate.of("{{ strftime_now('%d %b %Y') }}").withClock(clock);
        assertEquals("26 Jul 2024", template.render(HELLO, false).text());
    }

    @Test
    void javaValuesArePlainDataForTheTemplate() throws IOException {
        ChatTemplate template = ChatTemplate.of("{{ v }}");
        Object[] values = {
            1, 2L, (short) 3, 1.5f, 'c', new StringBuilder("s"), List.of("x").toArray()
        };
        assertEquals(
                "[1, 2, 3, 1.5, 'c', 's', ['x']]",
                template.render(HELLO, Map.of("v", values), false).text());
        JsonNode node = JSON.readTree("{\"a\": [1, null, true, 1.0, \"t\"]}");
        assertEquals(
                "{'a': [1, None, True, 1.0, 't']}",
                template.render(HELLO, Map.of("v", node), false).text());
        assertEquals(
                "<byte[]>",
                template.render(HELLO, Map.of("v", new byte[1]), false).text());
    }

    @Test
    void spansCutTheTextAsSubstringDoes() {
        ChatTemplate template =
                ChatTemplate.of("🙂{% generation %}a🙂{% endgeneration %}b{% generation %}c{% endgeneration %}");
        Rendering rendering = template.render(HELLO, false);
        List<String> parts = rendering.generationSpans().stream()
                .map(span -> rendering.text().substring(span.start(), span.end()))
                .toList();
        assertEquals(List.of("a🙂", "c"), parts);
    }

    /** Recorded from transformers 5.23; several byte tokens share one character, and the text is normalised. */
    @Test
    void masksBeyondAsciiEqualTransformers() throws IOException {
        Path golden = Path.of("src/test/resources/golden/qwen2-chat-tiny");
        JsonNode cases = JSON.readTree(
                Path.of("src/test/resources/chat/masks_beyond_ascii.json").toFile());
        assertTrue(cases.size() >= 12);
        try (Tokenizer tokenizer = Tokenizer.load(golden)) {
            for (JsonNode c : cases) {
                ChatTemplate template = c.get("template").isNull()
                        ? ChatTemplate.load(golden)
                        : ChatTemplate.of(c.get("template").textValue());
                List<Map<String, Object>> messages = new ArrayList<>();
                c.get("messages")
                        .forEach(message -> messages.add(Map.of(
                                "role",
                                message.get("role").textValue(),
                                "content",
                                message.get("content").textValue())));
                ChatTokens chat = template.encode(tokenizer, messages, Map.of(), false);
                assertEquals(c.get("text").textValue(), chat.text());
                boolean[] mask = new boolean[chat.tokens().length];
                for (int i = 0; i < mask.length; i++) {
                    mask[i] = c.get("assistant_mask").get(i).intValue() == 1;
                    assertEquals(c.get("input_ids").get(i).intValue(), chat.tokens()[i]);
                }
                assertArrayEquals(mask, chat.assistantMask(), chat.text());
            }
        }
    }

    @Test
    void spansOfTokensCoverTheTextInUtf16() {
        try (Tokenizer tokenizer = Tokenizer.load(Path.of("src/test/resources/models/stories260K"))) {
            String text = "One 🙂 day";
            TokenSpans spans = tokenizer.encodeWithSpans(text, true);
            assertArrayEquals(tokenizer.encode(text), spans.tokens());
            assertEquals(-1, spans.starts()[0]); // <s> stands for nothing
            assertEquals(text.length(), spans.ends()[spans.ends().length - 1]);
            int emoji = 0;
            while (spans.ends()[emoji] <= text.indexOf("🙂")) {
                emoji++;
            }
            assertEquals("🙂", text.substring(spans.starts()[emoji], spans.ends()[emoji]));
        }
    }

    @Test
    void templateErrorIsNoRefusal() {
        ChatTemplateException error = assertThrows(
                ChatTemplateException.class,
                () -> ChatTemplate.of("{{ messages[0].a.b }}").render(HELLO, false));
        assertEquals("'dict object' has no attribute 'a' (line 1 of the template)", error.getMessage());
        assertFalse(error.isRefusal());
        assertThrows(ChatTemplateException.class, () -> ChatTemplate.of("{% if %}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "{}", "{\"chat_template\": 1}", "{\"chat_template\": [{\"name\": \"x\"}]}"})
    void unusableConfigurationIsNamed(String config) throws IOException {
        write("tokenizer_config.json", config);
        String message = assertThrows(ModelFormatException.class, () -> ChatTemplate.load(dir))
                .getMessage();
        assertTrue(message.startsWith(dir.toString()), message);
    }

    @Test
    void namedTemplatesWithoutDefaultAreListed() throws IOException {
        write("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"x\"}]}");
        String message = assertThrows(ChatTemplateException.class, () -> render(Map.of()))
                .getMessage();
        assertTrue(message.contains("[rag]"), message);
    }
}
