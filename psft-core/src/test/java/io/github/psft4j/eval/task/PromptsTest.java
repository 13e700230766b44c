package io.github.psft4j.eval.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.eval.run.Tasks;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From rows to questions, and from questions to what a model reads. */
class PromptsTest {

    @TempDir
    Path dir;

    private static List<String> roles(EvalPrompt prompt) {
        return prompt.messages().stream()
                .map(m -> m.get("role") + ":" + m.get("content"))
                .toList();
    }

    @Test
    void equalRowsAreOneQuestionUnlessTheTaskSaysOtherwise() {
        String[] rows = {"{\"q\": \"a\"}", "{\"q\": \"b\"}", "{\"q\": \"a\"}"};
        Questions merged = Tasks.questions(dir, Tasks.of(TaskKind.GENERATE, Map.of()), rows);
        assertEquals(2, merged.all().size());
        assertEquals(3, merged.rows());
        Task kept = Tasks.of(TaskKind.GENERATE, Map.of("task.mergeRepeats", false));
        assertEquals(3, Tasks.questions(dir, kept, rows).all().size());
    }

    @Test
    void singleBracesStandForThemselvesAndDoubleOnesForColumns() {
        Task task = Tasks.of(
                TaskKind.GENERATE,
                Map.of("prompt.template", "{{a.b}} in \\boxed{} of {{ n }}{x}", "prompt.system", "S"));
        Questions questions = Tasks.questions(dir, task, "{\"a\": {\"b\": \"$5 \\\\x\"}, \"n\": 3}");
        EvalPrompt text = new Prompts(task, questions, false).of(questions.all().get(0));
        assertEquals("S\n\n$5 \\x in \\boxed{} of 3{x}", text.text());
        EvalPrompt chat = new Prompts(task, questions, true).of(questions.all().get(0));
        assertEquals(List.of("system:S", "user:$5 \\x in \\boxed{} of 3{x}"), roles(chat));
    }

    @Test
    void aMissingColumnIsNamedWithFileLineAndSetting() {
        Task task = Tasks.of(TaskKind.GENERATE, Map.of("prompt.template", "{{question}}"));
        Questions questions = Tasks.questions(dir, task, "{\"q\": \"a\"}");
        String message = assertThrows(
                        DataFormatException.class,
                        () -> new Prompts(task, questions, false)
                                .of(questions.all().get(0)))
                .getMessage();
        assertTrue(message.contains("questions.jsonl:1") && message.contains("'question'"), message);
        assertTrue(message.contains("prompt.template") && message.contains("it has q"), message);
    }

    @Test
    void aQuestionIsNoExampleOfItsOwn() {
        Task task = Tasks.of(
                TaskKind.GENERATE,
                Map.of("prompt.template", "Q{{q}}", "prompt.answer", "={{answer}}", "prompt.fewShot", 2));
        Questions questions = Tasks.questions(
                dir, task, "{\"q\": 1, \"answer\": 10}", "{\"q\": 2, \"answer\": 20}", "{\"q\": 3, \"answer\": 30}");
        Prompts text = new Prompts(task, questions, false);
        assertEquals("Q2=20\n\nQ3=30\n\nQ1", text.of(questions.all().get(0)).text());
        assertEquals("Q1=10\n\nQ3=30\n\nQ2", text.of(questions.all().get(1)).text());
        assertEquals(
                List.of("user:Q1", "assistant:=10", "user:Q2", "assistant:=20", "user:Q3"),
                roles(new Prompts(task, questions, true).of(questions.all().get(2))));
    }

    @Test
    void messagesOfARowBecomeAConversationOrText() {
        Task task = Tasks.of(TaskKind.GENERATE, Map.of());
        Questions questions = Tasks.questions(dir, task, """
                {"prompt": [{"role": "system", "content": "Box it."}, {"role": "user", "content": "1+1?"}]}""");
        Question only = questions.all().get(0);
        assertEquals(List.of("system:Box it.", "user:1+1?"), roles(new Prompts(task, questions, true).of(only)));
        assertEquals(
                "Box it.\n\n1+1?", new Prompts(task, questions, false).of(only).text());
    }

    private Choices choices(String row, Map<String, ?> settings) {
        Task task = Tasks.of(TaskKind.CHOICE, settings);
        Questions questions = Tasks.questions(dir, task, row);
        return new Prompts(task, questions, false).choices(questions.all().get(0));
    }

    @Test
    void theRightChoiceIsGivenByNumberLabelLetterTextOrList() {
        String list = "{\"choices\": [\"x\", \"y\", \"z\"], \"answer\": %s}";
        for (String gold : List.of("1", "\"1\"", "\"B\"", "\"y\"", "[0, 1, 0]")) {
            assertEquals(Set.of(1), choices(list.formatted(gold), Map.of()).gold(), gold);
        }
        assertEquals(
                Set.of(0, 2), choices(list.formatted("[1, 0, 1]"), Map.of()).gold());
        assertEquals(
                Set.of(1),
                choices(list.formatted("\"2\""), Map.of("choice.firstNumber", 1))
                        .gold());
        String arc = """
                {"choices": {"text": ["x", "y"], "label": ["1", "2"]}, "answer": "2"}""";
        assertEquals(
                Set.of(1),
                choices(arc, Map.of("choice.choices", List.of("choices.text"), "choice.labels", "choices.label"))
                        .gold());
        assertThrows(DataFormatException.class, () -> choices(list.formatted("3"), Map.of()));
        assertThrows(DataFormatException.class, () -> choices(list.formatted("\"w\""), Map.of()));
    }
}
