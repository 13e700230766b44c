package io.github.psft4j.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A conversation in, an answer out. */
class ChatTest {

    private static final Path STORIES = Path.of("src/test/resources/models/stories260K");
    private static final String TEMPLATE = "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}";
    private static final List<Map<String, String>> QUESTION =
            List.of(Map.of("role", "user", "content", "Once upon a time"));

    @TempDir
    private Path dir;

    private CausalLm chatModel(String endOfSequence) throws IOException {
        try (Stream<Path> files = Files.list(STORIES)) {
            for (Path file : files.toList()) {
                Files.copy(file, dir.resolve(file.getFileName()));
            }
        }
        Files.writeString(dir.resolve("chat_template.jinja"), TEMPLATE);
        Files.writeString(dir.resolve("generation_config.json"), "{\"eos_token_id\": " + endOfSequence + "}");
        return CausalLm.load(dir);
    }

    @Test
    void answerIsWhatTheModelWritesAfterTheRenderedConversationUpToAnyOfItsEnds() throws IOException {
        GenerationResult raw = CausalLm.load(STORIES)
                .generate(
                        List.of(CausalLm.load(STORIES).tokenizer().encode("<s>Once upon a time", false)),
                        GenerationConfig.greedy(12))
                .get(0);
        int end = raw.newTokens()[7];
        CausalLm model = chatModel("[2, " + end + "]");
        assertEquals(Set.of(2, end), model.endOfSequenceIds());
        StringBuilder shown = new StringBuilder();
        GenerationResult answer = model.chat(QUESTION, GenerationConfig.greedy(12), (i, token, logProb, text) -> {
            shown.append(text);
            return true;
        });
        int length = answer.newTokens().length;
        assertTrue(length <= 8, "it ends at the first of its ends: " + answer);
        assertArrayEquals(Arrays.copyOf(raw.newTokens(), length), answer.newTokens(), "the template's text, one <s>");
        assertEquals(GenerationResult.Finish.STOP_ID, answer.finish());
        assertEquals(answer.text(), shown.toString());
        assertEquals(answer.text(), model.chat(QUESTION, GenerationConfig.greedy(12)));
        assertEquals(
                12,
                model.chat(QUESTION, GenerationConfig.greedy(12, 511), (i, token, logProb, text) -> true)
                        .newTokens()
                        .length,
                "stop ids of the caller replace those of the model");
    }

    @Test
    void generatedTextEndsAtTheModelsEndWhereIdsGoOn() throws IOException {
        CausalLm stories = CausalLm.load(STORIES);
        int[] prompt = stories.tokenizer().encode("Once upon a time");
        GenerationResult ids =
                stories.generate(List.of(prompt), GenerationConfig.greedy(12)).get(0);
        CausalLm model = chatModel("[" + ids.newTokens()[3] + "]");
        GenerationResult stopped = model.generate(List.of(prompt), GenerationConfig.greedy(12, ids.newTokens()[3]))
                .get(0);
        assertEquals(
                model.tokenizer().decode(prompt, true) + stopped.text(),
                model.generate("Once upon a time", GenerationConfig.greedy(12)));
        assertEquals(
                12,
                model.generate(List.of(prompt), GenerationConfig.greedy(12))
                        .get(0)
                        .newTokens()
                        .length);
    }

    @Test
    void modelWithoutTemplateAndConversationWithoutRoomAreRefusedByName() throws IOException {
        CausalLm base = CausalLm.load(STORIES);
        String none = assertThrows(ModelFormatException.class, () -> base.chat(QUESTION, GenerationConfig.greedy(4)))
                .getMessage();
        assertTrue(none.contains("has no chat template"), none);
        CausalLm model = chatModel("2");
        List<Map<String, String>> longOne = List.of(Map.of("role", "user", "content", "Once upon a time ".repeat(200)));
        String room = assertThrows(
                        IllegalArgumentException.class, () -> model.chat(longOne, GenerationConfig.greedy(4)))
                .getMessage();
        assertTrue(room.contains("the model takes 512"), room);
    }

    @Test
    void printedResultShowsTextAndReasonInsteadOfAnArraysAddress() {
        CausalLm model = CausalLm.load(STORIES);
        String shown = model.generate(List.of(new int[] {1}), GenerationConfig.greedy(3))
                .get(0)
                .toString();
        assertTrue(shown.matches("GenerationResult\\[\" ?Once upon a\", 1 \\+ 3 tokens, LENGTH]"), shown);
    }
}
