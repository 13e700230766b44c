package io.github.psft4j.data;

import static io.github.psft4j.data.DataFixtures.TEMPLATE;
import static io.github.psft4j.data.DataFixtures.TOKENIZER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.LossOn;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.hf.text.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows as other tools write them train what the same rows train in the layouts of this project. */
class OtherLayoutsTest {

    @TempDir
    Path dir;

    private List<Demonstration> read(String row, ChatTemplate template) throws Exception {
        return read(DataOptions.builder(file(row)), template);
    }

    private Path file(String row) throws Exception {
        return Files.writeString(dir.resolve("rows.jsonl"), row.replace('\'', '"') + "\n");
    }

    private static List<Demonstration> read(DataOptions.Builder options, ChatTemplate template) {
        return DataFixtures.read(options, template);
    }

    /** The same conversation in the spellings of ShareGPT, Gemini, ms-swift and XTuner, in parts and as JSON text. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "conversations | [{'from': 'human', 'value': 'a'}, {'from': 'gpt', 'value': 'b'}]",
                "conversations | [{'role': 'human', 'content': 'a'}, {'role': 'model', 'content': 'b'}]",
                "conversations | [{'from': 'User', 'value': 'a'}, {'from': 'Assistant', 'value': 'b'}]",
                "conversation | [{'human': 'a', 'assistant': 'b'}]",
                "conversation | [{'input': 'a', 'output': 'b', 'system': ''}]",
                "messages | [{'role': 'user', 'content': [{'type': 'text', 'text': 'a'}]},"
                        + " {'role': 'assistant', 'content': [{'type': 'text', 'value': 'b'}]}]",
                "messages | '[{\\'role\\': \\'user\\', \\'content\\': \\'a\\'},"
                        + " {\\'from\\': \\'gpt\\', \\'value\\': \\'b\\'}]'"
            })
    void aConversationIsReadInTheSpellingsOfOtherTools(String column, String messages) throws Exception {
        List<Demonstration> ours = read(
                "{'messages': [{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': 'b'}]}", TEMPLATE);
        assertEquals(ours, read("{'" + column + "': " + messages + "}", TEMPLATE));
    }

    @Test
    void aSystemPromptInItsOwnColumnComesFirst() throws Exception {
        List<Demonstration> ours = read(
                "{'messages': [{'role': 'system', 'content': 's'}, {'role': 'user', 'content': 'a'}, {'role':"
                        + " 'assistant', 'content': 'b'}]}",
                TEMPLATE);
        String turns = "'conversations': [{'from': 'human', 'value': 'a'}, {'from': 'gpt', 'value': 'b'}]}";
        assertEquals(ours, read("{'system': 's', " + turns, TEMPLATE));
        assertEquals(ours, read("{'system_prompt': 's', " + turns, TEMPLATE));
        String two = "{'system': 'other', 'conversations': [{'from': 'system', 'value': 's'},"
                + " {'from': 'gpt', 'value': 'b'}]}";
        assertTrue(refusal(two).contains("another system prompt"), refusal(two));
    }

    private String refusal(String row) {
        return assertThrows(DataFormatException.class, () -> read(row, TEMPLATE))
                .getMessage();
    }

    /** LLaMA-Factory's and ms-swift's roles for a call, and two calls in a row, which are one message. */
    @Test
    void aToolCallAsAContentIsATopLevelCallOfTheAssistant() throws Exception {
        ChatTemplate calls = ChatTemplate.of("{% for m in messages %}<{{ m.role }}>{{ m.content }}"
                + "{% for c in m.tool_calls %}[{{ c.function.name }}:{{ c.function.arguments.x }}]{% endfor %}"
                + "{% endfor %}");
        String call = "'{\\'name\\': \\'f\\', \\'arguments\\': {\\'x\\': 1}}'";
        String text = text(
                "{'conversations': [{'from': 'human', 'value': 'a'}, {'from': 'function_call', 'value': %1$s},"
                                .formatted(call)
                        + " {'from': 'tool-call', 'value': %1$s}, {'from': 'observation', 'value': 'c'},"
                                .formatted(call)
                        + " {'from': 'gpt', 'value': 'd'}]}",
                calls);
        assertEquals("<user>a<assistant>[f:1][f:1]<tool>c<assistant>d<|im_end|>", text);
    }

    private String text(String row, ChatTemplate template) throws Exception {
        return TOKENIZER.decode(read(row, template).get(0).tokens());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{'instruction': 'a', 'input': 'c', 'output': 'b'} | a\\nc",
                "{'instruction': 'a', 'input': '', 'output': 'b'} | a",
                "{'instruction': 'a', 'output': 'b', 'system': '', 'history': []} | a",
                "{'instruction': '', 'input': 'c', 'output': 'b'} | c",
                "{'instruction': 'a', 'context': 'c', 'response': 'b', 'category': 'qa'} | a\\nc",
                "{'query': 'a', 'response': 'b', 'history': null} | a"
            })
    void anInstructionIsAChatWhereThereIsATemplateAndAQuestionWhereThereIsNone(String row, String user)
            throws Exception {
        String chat = "{'messages': [{'role': 'user', 'content': '%s'}, {'role': 'assistant', 'content': 'b'}]}";
        assertEquals(read(chat.formatted(user), TEMPLATE), read(row, TEMPLATE));
        String plain = "{'question': '%s', 'answer': 'b'}";
        assertEquals(read(plain.formatted(user), null), read(row, null));
    }

    @Test
    void aMappedInputIsTheInstructionOnce() throws Exception {
        List<Demonstration> mapped = read(
                DataOptions.builder(file("{'input': 'a', 'output': 'b'}")).column("instruction", "input"), TEMPLATE);
        assertEquals(read("{'instruction': 'a', 'output': 'b'}", TEMPLATE), mapped);
    }

    @Test
    void problemAndSolutionAreQuestionAndAnswer() throws Exception {
        assertEquals(
                read("{'question': 'a', 'answer': 'b'}", TEMPLATE),
                read("{'problem': 'a', 'solution': 'b', 'level': '1'}", TEMPLATE));
    }

    @Test
    void historyAndSystemComeBeforeTheInstructionAndNeedATemplate() throws Exception {
        String row = "{'instruction': 'q2', 'output': 'a2', 'system': 's', 'history': [['q1', 'a1']]}";
        assertEquals(
                read(
                        "{'messages': [{'role': 'system', 'content': 's'}, {'role': 'user', 'content': 'q1'}, {'role':"
                                + " 'assistant', 'content': 'a1'}, {'role': 'user', 'content': 'q2'}, {'role':"
                                + " 'assistant', 'content': 'a2'}]}",
                        TEMPLATE),
                read(row, TEMPLATE));
        String message =
                assertThrows(DataFormatException.class, () -> read(row, null)).getMessage();
        assertTrue(message.contains("field 'system' has no place without a chat template"), message);
    }

    @Test
    void aColumnThatIsNamedAsTheAnswerIsNotAskedAgain() throws Exception {
        Path file = file("{'question': 'a', 'solution': 'c', 'answer': 'b'}");
        assertEquals(
                "a\nc<|im_end|>",
                TOKENIZER.decode(read(DataOptions.builder(file).column("answer", "solution"), TEMPLATE)
                        .get(0)
                        .tokens()));
        assertEquals(
                "a\nb<|im_end|>",
                TOKENIZER.decode(read(DataOptions.builder(file).column("answer", "answer"), TEMPLATE)
                        .get(0)
                        .tokens()));
    }

    @Test
    void anInputBesideAMappedInstructionIsRefusedRatherThanLost() throws Exception {
        DataOptions.Builder options = DataOptions.builder(file("{'instruction': 'a', 'input': 'c', 'output': 'b'}"))
                .column("prompt", "instruction")
                .column("completion", "output");
        String message = assertThrows(DataFormatException.class, () -> read(options, TEMPLATE))
                .getMessage();
        assertTrue(message.contains("field 'input' belongs to 'instruction'"), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "'labels': [-100, -100, 5, 6]",
                "'labels': [-100, 4, 5, 6], 'loss_mask': [0, 0, 1, 1]",
                "'completion_mask': [0, 0, 1, 1], 'assistant_masks': [0, 1, 1, 1]",
                "'labels': '[-100, -100, 5, 6]'",
            })
    void tokensAreTrainedWhereLabelsAndMasksSaySo(String masks) throws Exception {
        Demonstration d =
                read("{'input_ids': [3, 4, 5, 6], " + masks + "}", null).get(0);
        assertEquals(new Demonstration(new int[] {3, 4, 5, 6}, new boolean[] {false, false, true, true}), d);
    }

    @Test
    void paddingOfTokensIsLeftOutAndLabelsOfOtherTokensAreRefused() throws Exception {
        Demonstration d = read(
                        "{'input_ids': [3, 4, 5, 0, 0], 'labels': [-100, 4, 5, -100, -100], 'attention_mask': [1, 1, 1,"
                                + " 0, 0]}",
                        null)
                .get(0);
        assertEquals("[3, 4, 5]", Arrays.toString(d.tokens()));
        String shifted = refusal("{'input_ids': [3, 4, 5], 'labels': [4, 5, -100]}");
        assertTrue(shifted.contains("'labels' has 4 at index 0 where the token is 3"), shifted);
        String packed = refusal("{'input_ids': [3, 4, 5], 'labels': [3, 4, 5], 'position_ids': [0, 1, 0]}");
        assertTrue(packed.contains("'position_ids' starts again at index 2"), packed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "'images': ['a.jpg'] | 'images' holds what a text model cannot read",
                "'label': false | 'label' is false"
            })
    void rowsOfOtherKindsOfTrainingAreRefused(String column, String says) {
        String row = "{'messages': [{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': 'b'}], %s}"
                .formatted(column);
        assertTrue(refusal(row).contains(says), refusal(row));
    }

    @Test
    void columnsThatNothingReadsAreNamedOnceWithTheSettingThatMapsThem() throws Exception {
        Path file = Files.writeString(dir.resolve("rows.jsonl"), """
                {"id": 7, "instruction": "a", "input": "", "output": "b", "score": 0.5, "none": null}
                {"id": 8, "instruction": "a", "input": "c", "output": "b", "empty": ""}
                """);
        List<String> notes = DataFixtures.report(DataOptions.builder(file)).notes();
        assertEquals(1, notes.size(), notes.toString());
        assertTrue(
                notes.get(0).startsWith("columns that are not read: id, score; ")
                        && notes.get(0).contains("--set \"data.columns={weight: score}\""),
                notes.get(0));
        assertEquals(
                List.of(),
                DataFixtures.report(DataOptions.builder(file)
                                .column("weight", "score")
                                .maxRows(1))
                        .notes()
                        .stream()
                        .filter(note -> note.contains("score"))
                        .toList());
    }

    /** Reasoning that the template leaves out would be lost without a word. */
    @Test
    void fieldsOfMessagesThatTheTemplateDoesNotShowAreNamedOnce() throws Exception {
        Path file = file("{'messages': [{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': 'b',"
                + " 'reasoning_content': 'r', 'id': 7}]}");
        List<String> notes = DataFixtures.report(DataOptions.builder(file)).notes();
        assertEquals(2, notes.size(), notes.toString());
        assertTrue(notes.get(0).contains("does not show the field 'reasoning_content' of messages"), notes.get(0));
        assertTrue(notes.get(1).contains("does not show the field 'id' of messages"), notes.get(1));
        ChatTemplate showing = ChatTemplate.of(
                "{% for m in messages %}{{ m.content }}{{ m.reasoning_content }}" + "{{ m.id }}" + "{% endfor %}");
        try (DemonstrationSet set =
                DemonstrationFiles.read(DataOptions.builder(file).build(), TOKENIZER, showing)) {
            assertEquals(List.of(), set.report().notes());
        }
    }

    @Test
    void trainingOnAllTokensDoesNotNeedAMask() throws Exception {
        Demonstration d = read(
                        DataOptions.builder(file("{'input_ids': [3, 4, 5]}")).lossOn(LossOn.ALL), null)
                .get(0);
        assertEquals(2, d.trainedTokens());
    }
}
