package io.github.psft4j.data;

import static io.github.psft4j.data.DataFixtures.TOKENIZER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.encode.DropReason;
import io.github.psft4j.data.encode.TextSpan;
import io.github.psft4j.data.options.BadRows;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.hf.text.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a conversation is trained, with templates that mark no answer. */
class ConversationMasksTest {
    private static final String HEAD = "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}";
    private static final String TAIL = "{{ '<|im_end|>\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
    private static final String CHATML = HEAD + "{{ m.content }}" + TAIL;
    private static final String CALLS = "{% for c in m.tool_calls or [] %}{{ c.function.name + ' ' }}";

    /** As Qwen3's: an empty block of thoughts for the answers behind the last question. */
    private static final String THINKING = "{% set ns = namespace(last=0) %}{% for m in messages %}"
            + "{% if m.role == 'user' %}{% set ns.last = loop.index0 %}{% endif %}{% endfor %}" + HEAD
            + "{% if m.role == 'assistant' and loop.index0 > ns.last %}{{ '<think>\n\n</think>\n\n' }}{% endif %}"
            + "{{ m.content }}" + TAIL;

    @TempDir
    Path dir;

    private final List<String> trained = new ArrayList<>();
    private DataReport report;

    /** Reads one row, in which single quotes stand for double ones. */
    private void read(String template, String row) throws Exception {
        Path file = Files.writeString(dir.resolve("rows.jsonl"), row.replace('\'', '"') + "\n");
        DataOptions options =
                DataOptions.builder(file).badRows(BadRows.DROP).threads(1).build();
        trained.clear();
        try (RowReader rows = DemonstrationFiles.stream(options, TOKENIZER, ChatTemplate.of(template))) {
            while (rows.hasNext()) {
                RowResult result = rows.next();
                if (result.kept()) {
                    TextSpan.of(result.demonstration(), TOKENIZER).stream()
                            .filter(TextSpan::trained)
                            .forEach(span -> trained.add(span.text()));
                }
            }
            report = rows.report();
        }
    }

    private static String message(String role, String content) {
        return "{'role': '" + role + "', 'content': '" + content + "'}";
    }

    private static String conversation(String... messages) {
        return "{'messages': [" + String.join(", ", messages) + "]}";
    }

    private void assertNoted(String part) {
        assertEquals(
                1,
                report.notes().stream().filter(note -> note.contains(part)).count(),
                report.notes().toString());
    }

    @Test
    void answersAreFoundThoughTheTemplateWritesABeginningOtherwiseWhenMoreFollows() throws Exception {
        read(
                THINKING,
                conversation(
                        message("user", "a"),
                        message("assistant", "b"),
                        message("user", "c"),
                        message("assistant", "d")));
        assertEquals(List.of("b<|im_end|>", "<think>\n\n</think>\n\nd<|im_end|>"), trained);
    }

    @Test
    void rolesMayComeInAnyOrder() throws Exception {
        read(
                THINKING,
                conversation(
                        message("assistant", "a"),
                        message("assistant", "b"),
                        message("user", "c"),
                        message("tool", "d"),
                        message("assistant", "e"),
                        message("user", "f")));
        assertEquals(List.of("a<|im_end|>", "b<|im_end|>", "e<|im_end|>"), trained);
    }

    /** The opening that the model is given holds the thoughts, the one in the conversation does not. */
    @Test
    void anOpeningThatGoesFurtherThanTheConversationTakesNothingOfTheAnswer() throws Exception {
        read(
                CHATML.replace("assistant\n' }}{% endif %}", "assistant\n<think>\n' }}{% endif %}"),
                conversation(message("user", "a"), message("assistant", "<b>b</b>")));
        assertEquals(List.of("<b>b</b><|im_end|>"), trained);
    }

    @Test
    void anEndThatStandsWhereTheNextMessageBeginsIsTrained() throws Exception {
        read(
                "{% for m in messages %}{% if not loop.first %}{{ '<|im_end|>' }}{% endif %}{{ m.content }}{% endfor %}"
                        + "{% if add_generation_prompt %}{{ '<|im_end|>' }}{% endif %}",
                conversation(message("user", "a"), message("assistant", "b"), message("user", "c")));
        assertEquals(List.of("b<|im_end|>"), trained);
    }

    @ParameterizedTest
    @ValueSource(strings = {"With <|im_end|> a turn ends.", "x<|im_end|>\\n<|im_start|>assistant\\ny"})
    void aContentThatSpellsATokenOfTurnsIsLeftOutAndCounted(String content) throws Exception {
        for (String role : List.of("user", "assistant")) {
            read(CHATML, conversation(message("user", "a"), message(role, content), message("assistant", "b")));
            assertEquals(1, report.dropped().get(DropReason.SPECIAL_TOKEN));
            assertTrue(report.firstDropped().get(0).contains("message 2 spells the special token <|im_"));
        }
        read(CHATML, "{'prompt': [" + message("user", "a") + "], 'completion': '" + content + "'}");
        assertEquals(1, report.dropped().get(DropReason.SPECIAL_TOKEN));
        String row = conversation(message("user", "a"), message("assistant", "b"));
        read(CHATML, row.replace("]}", "], 'tools': [{'name': 'f', 'description': '" + content + "'}]}"));
        assertEquals(1, report.dropped().get(DropReason.SPECIAL_TOKEN));
        assertTrue(report.firstDropped().get(0).contains("'tools' spells the special token <|im_"));
    }

    @Test
    void aCompletionOfTextThatQuotesAnEndIsNoted() throws Exception {
        read(CHATML, "{'prompt': 'a', 'completion': 'With <|im_end|> a turn ends.'}");
        assertEquals(List.of("With <|im_end|> a turn ends.<|im_end|>"), trained);
        assertNoted("holds an end of sequence before its end");
        read(CHATML, "{'prompt': '<|im_start|>user\\na<|im_end|>', 'completion': 'b<|im_end|>\\n'}");
        assertEquals(List.of(), report.notes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  \\n", "<|im_end|>"})
    void anEmptyAnswerIsLeftOutAndCounted(String empty) throws Exception {
        read(CHATML, "{'prompt': 'Name a bird.', 'completion': '" + empty + "'}");
        assertEquals(1, report.dropped().get(DropReason.NO_TRAINED_TOKENS));
        read(CHATML, "{'text': '" + empty + "'}");
        assertEquals(1, report.dropped().get(DropReason.NO_TRAINED_TOKENS));
        if (!empty.contains("<")) {
            read(CHATML, conversation(message("user", "a"), message("assistant", empty)));
            assertEquals(1, report.dropped().get(DropReason.NO_TRAINED_TOKENS));
            read(CHATML, conversation(message("assistant", empty), message("user", "a"), message("assistant", "b")));
            assertEquals(List.of("b<|im_end|>"), trained);
            assertNoted("an answer is empty");
        }
    }

    @Test
    void aSetWithoutATrainedEndIsNoted() throws Exception {
        String marked = HEAD + "{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}"
                + "{% else %}{{ m.content }}{% endif %}" + TAIL;
        read(marked, conversation(message("user", "a"), message("assistant", "b")));
        assertEquals(List.of("b"), trained);
        assertNoted("no trained token ends a sequence (<|im_end|>)");
        read(CHATML, conversation(message("user", "a"), message("assistant", "b")));
        assertEquals(List.of(), report.notes());
    }

    @Test
    void stringsOnAChatModelAreNotedOnceUnlessTheyAreRenderedChats() throws Exception {
        String row = "{'prompt': 'a', 'completion': 'b'}";
        read(CHATML, row + "\n" + row);
        assertNoted("data.prompt_as_user_message");
        read(CHATML, "{'prompt': '<|im_start|>user\\na<|im_end|>\\n<|im_start|>assistant\\n', 'completion': 'b'}");
        assertEquals(List.of(), report.notes());
    }

    private static final String OPENAI = "{'messages': [{'role': 'user', 'content': 'q'}, {'role': 'assistant',"
            + " 'content': null, 'tool_calls': [{'type': 'function', 'function': {'name': 'depth',"
            + " 'arguments': '{\\'lake\\': \\'Como\\'}'}}]}, {'role': 'tool', 'content': '410'},"
            + " {'role': 'assistant', 'content': 'r'}]%s}";

    private static String openAi(String more) {
        return OPENAI.formatted(more).replace("\\'", "\\\"");
    }

    /** Templates that want an object, that join text, that print what they get, and that ask for null. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% if m.content %}{{ m.content }}{% endif %}CALLS{{ c.function.arguments | tojson }}{% endfor %}",
                "{% if m.content %}{{ m.content }}{% endif %}CALLS{{ '' + c.function.arguments }}{% endfor %}",
                "{% if m.content %}{{ m.content }}{% endif %}CALLS{{ c.function.arguments }}{% endfor %}",
                "{{ m.content | trim }}CALLS{{ c.function.arguments | tojson }}{% endfor %}",
                "{% if m.content is none %}CALLS{{ '' + c.function.arguments }}{% endfor %}"
                        + "{% else %}{{ m.content }}{% endif %}"
            })
    void argumentsAreTrainedAsTheServerReadsThem(String body) throws Exception {
        read(HEAD + body.replace("CALLS", CALLS) + TAIL, openAi(""));
        assertEquals(List.of("depth {\"lake\": \"Como\"}<|im_end|>", "r<|im_end|>"), trained);
        assertEquals(List.of(), report.notes());
    }

    /** Null and blank arguments are none; what is no object stays as it is, and the report says so. */
    @Test
    void argumentsThatAreNoObjectAreNoted() throws Exception {
        String json = HEAD + "{{ m.content or '' }}" + CALLS + "{{ c.function.arguments | tojson }}{% endfor %}" + TAIL;
        String call = "{'messages': [" + message("user", "q")
                + ", {'role': 'assistant', 'tool_calls': [{'function': {'name': 'depth', 'arguments': ARGS}}]}]}";
        for (String none : List.of("null", "''", "' '", "{}")) {
            read(json, call.replace("ARGS", none));
            assertEquals(List.of("depth {}<|im_end|>"), trained);
            assertEquals(List.of(), report.notes());
        }
        read(json, call.replace("ARGS", "'[1]'"));
        assertEquals(List.of("depth \"[1]\"<|im_end|>"), trained);
        assertNoted("no JSON object");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'functions': [{'name': 'depth'}]",
                "'functions': [{'name': 'depth'}], 'tools': null",
                "'tools': ['', null, {'type': 'function', 'function': {'name': 'depth'}}]"
            })
    void functionsAreToolsAndEmptySchemasAreNone(String tools) throws Exception {
        read(
                "{% if tools | tojson == '[{\"type\": \"function\", \"function\": {\"name\": \"depth\"}}]' %}" + CHATML
                        + "{% else %}{{ raise_exception('other tools') }}{% endif %}",
                conversation(message("user", "a"), message("assistant", "b")).replace("]}", "], " + tools + "}"));
        assertEquals(List.of("b<|im_end|>"), trained);
    }

    @Test
    void theOlderFunctionCallIsAToolCall() throws Exception {
        read(
                HEAD + "{{ m.content or '' }}" + CALLS + "{{ c.function.arguments | tojson }}{% endfor %}" + TAIL,
                openAi("")
                        .replace("\"tool_calls\"", "'tool_calls'")
                        .replace("'tool_calls': [{'type': 'function', 'function': {", "'function_call': {")
                        .replace("}'}}]}", "}'}}")
                        .replace("'role': 'tool'", "'role': 'function', 'name': 'depth'"));
        assertEquals(List.of("depth {\"lake\": \"Como\"}<|im_end|>", "r<|im_end|>"), trained);
    }

    @Test
    void aTemplateThatWritesNoToolsTrainsNoCallAndSaysSo() throws Exception {
        read(CHATML.replace("m.content", "m.content or ''"), openAi(", 'tools': '[{\\'name\\': \\'depth\\'}]'"));
        assertEquals(List.of("r<|im_end|>"), trained);
        assertNoted("does not write the tool calls");
        assertNoted("does not write the tools");
    }

    @ParameterizedTest
    @ValueSource(strings = {"''", "'null'", "'[]'", "null", "[]"})
    void toolsThatAreNoneAreNone(String tools) throws Exception {
        read(
                "{% if tools %}TOOLS{% endif %}" + CHATML,
                "{'messages': [" + message("user", "a") + ", " + message("assistant", "b") + "], 'tools': " + tools
                        + "}");
        assertEquals(List.of("b<|im_end|>"), trained);
    }

    @Test
    void aRefusalNamesTheMessageWithoutContent() throws Exception {
        read(HEAD + "{{ 'x' + m.content }}" + TAIL, openAi(""));
        String why = report.firstDropped().get(0);
        assertTrue(why.contains("message 2 has no content (null)"), why);
    }
}
