package io.github.psft4j.eval.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.eval.backend.Completion;
import io.github.psft4j.eval.task.LoadedTask;
import io.github.psft4j.eval.task.Questions;
import io.github.psft4j.eval.task.Task;
import io.github.psft4j.eval.task.TaskKind;
import io.github.psft4j.io.RefusedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Items and figures of an evaluation, beside plain counting, and what is left when it is broken off. */
class TaskRunTest {

    private static final int QUESTIONS = 12;

    @TempDir
    Path dir;

    private final Task sampled = Tasks.of(
            TaskKind.GENERATE,
            Map.of("prompt.template", "{{q}}", "generation.samples", 4, "generation.temperature", 1.0));

    private Questions questions(Task task) {
        return Tasks.questions(
                dir,
                task,
                IntStream.range(0, QUESTIONS)
                        .mapToObj(i -> "{\"q\": \"q" + i + "\", \"answer\": \"" + i + "\"}")
                        .toArray(String[]::new));
    }

    /** Right where the seed is even, as "0.5x2"-like other spellings of the number; else one of two wrong numbers. */
    private static Completion answer(String prompt, long seed) {
        int number = Integer.parseInt(prompt.substring(1));
        return ScriptedBackend.text(
                seed % 2 == 0
                        ? "It is \\boxed{" + (seed % 4 == 0 ? number + ".0" : "\\frac{" + 2 * number + "}{2}") + "}."
                        : "It is \\boxed{" + (number + 1 + seed % 3) + "}.");
    }

    private TaskResult run(Task task, ScriptedBackend backend, TaskListener listener, String out) {
        Questions questions = questions(task);
        return new TaskRun(new LoadedTask(task, questions), backend, Map.of("psft", "test"))
                .run(dir.resolve(out), false, listener);
    }

    private static ScriptedBackend backend() {
        return new ScriptedBackend(TaskRunTest::answer, text -> -text.length());
    }

    @Test
    void figuresAreThoseOfPlainCounting() {
        TaskResult result = run(sampled, backend(), TaskListener.NONE, "out");
        List<Item> items = ItemFile.read(dir.resolve("out"));
        assertEquals(QUESTIONS, items.size());
        double avg = 0;
        double pass2 = 0;
        double majority = 0;
        for (Item item : items) {
            long right = item.samples().stream().filter(s -> s.seed() % 2 == 0).count();
            assertEquals(
                    right,
                    item.samples().stream()
                            .filter(s -> s.verdict().equals("equal"))
                            .count());
            avg += right / 4.0;
            pass2 += 1 - (4 - right) * (3 - right) / 12.0;
            long most = item.samples().stream()
                    .filter(s -> s.seed() % 2 != 0)
                    .mapToLong(s -> item.samples().stream()
                            .filter(o -> o.answer().equals(s.answer()))
                            .count())
                    .max()
                    .orElse(0);
            boolean first = item.samples().get(0).seed() % 2 == 0;
            if (right != most) {
                majority += right > most ? 1 : 0;
            } else if (right > 0) { // of two answers with as many votes the one that came first
                majority += item.value("maj@4");
                assertTrue(right == 2 || !first);
            }
        }
        assertEquals(avg / QUESTIONS, result.metrics().get("avg@4").value(), 1e-12);
        assertEquals(pass2 / QUESTIONS, result.metrics().get("pass@2").value(), 1e-12);
        assertEquals(majority / QUESTIONS, result.metrics().get("maj@4").value(), 1e-12);
        assertEquals("avg@4", result.metrics().keySet().iterator().next());
    }

    @Test
    void everythingThatAFigureDependsOnIsTold() {
        Map<String, String> told =
                run(sampled, backend(), TaskListener.NONE, "out").told();
        for (String name : List.of(
                "model",
                "data_sha256",
                "prompt_sha256",
                "prompt_form",
                "few_shot",
                "seed",
                "samples",
                "max_tokens",
                "temperature",
                "top_p",
                "top_k",
                "min_p",
                "stop",
                "judge",
                "questions",
                "rows",
                "psft")) {
            assertTrue(told.containsKey(name), name);
        }
        assertEquals(told, TaskResult.read(dir.resolve("out")).told());
    }

    @Test
    void aBrokenOffEvaluationGoesOnToTheSameFiles() throws Exception {
        run(sampled, backend(), TaskListener.NONE, "straight");
        assertThrows(IllegalStateException.class, () -> run(sampled, backend(), endAfter(5), "parts"));
        Path file = dir.resolve("parts").resolve(ItemFile.FILE);
        Files.writeString(file, "{\"number\": 7, \"id\"", StandardOpenOption.APPEND); // cut within a line
        ScriptedBackend second = backend();
        run(sampled, second, TaskListener.NONE, "parts");
        assertEquals(List.of(5, 6, 7, 8, 9, 10, 11), second.asked);
        assertEquals(Files.readString(dir.resolve("straight").resolve(ItemFile.FILE)), Files.readString(file));
    }

    private static TaskListener endAfter(int items) {
        int[] seen = {0};
        return new TaskListener() {
            @Override
            public void onItem(Item item) {
                if (++seen[0] == items) {
                    throw new IllegalStateException("the power is cut");
                }
            }
        };
    }

    @Test
    void anEvaluationWithOtherSettingsIsRefusedByTheNameOfTheSetting() {
        run(sampled, backend(), TaskListener.NONE, "out");
        Task hotter = Tasks.of(
                TaskKind.GENERATE,
                Map.of("prompt.template", "{{q}}", "generation.samples", 4, "generation.temperature", 0.5));
        String message = assertThrows(RefusedException.class, () -> run(hotter, backend(), TaskListener.NONE, "out"))
                .getMessage();
        assertTrue(message.contains("temperature: there 1.0, now 0.5") && message.contains("--overwrite"), message);
        assertFalse(message.contains("samples:"), message);
    }

    @Test
    void failedAnswersAreInNoFigureAndAreAskedAgain() {
        ScriptedBackend failing = new ScriptedBackend(
                (prompt, seed) -> prompt.equals("q3") || prompt.equals("q8")
                        ? new Completion(null, null, -1, "busy")
                        : answer(prompt, seed),
                text -> 0);
        TaskResult first = run(sampled, failing, TaskListener.NONE, "out");
        assertEquals(2, first.counts().get("errors"));
        assertEquals(QUESTIONS - 2, first.metrics().get("avg@4").questions());
        ScriptedBackend second = backend();
        TaskResult whole = run(sampled, second, TaskListener.NONE, "out");
        assertEquals(List.of(3, 8), second.asked);
        assertEquals(0, whole.counts().get("errors"));
        assertEquals(QUESTIONS, whole.metrics().get("avg@4").questions());
    }

    @Test
    void theSeedOfASampleDoesNotDependOnWhichQuestionsAreAsked() {
        run(sampled, backend(), TaskListener.NONE, "all");
        Task few = Tasks.of(
                TaskKind.GENERATE,
                Map.of(
                        "prompt.template",
                        "{{q}}",
                        "generation.samples",
                        4,
                        "generation.temperature",
                        1.0,
                        "task.limit",
                        2));
        run(few, backend(), TaskListener.NONE, "few");
        assertEquals(ItemFile.read(dir.resolve("all")).subList(0, 2), ItemFile.read(dir.resolve("few")));
    }

    /** "bb" has half the log-likelihood of "a" for each character but less in sum. */
    @Test
    void choicesCountBySumByCharactersAndByBytes() {
        Task task = Tasks.of(TaskKind.CHOICE, Map.of("prompt.template", "{{q}}"));
        Questions questions = Tasks.questions(
                dir,
                task,
                "{\"q\": 1, \"choices\": [\"a\", \"bb\", \"\u00e9\u00e9\u00e9\"], \"answer\": 0}",
                "{\"q\": 2, \"choices\": [\"a\", \"bb\", \"\u00e9\u00e9\u00e9\"], \"answer\": 1}",
                "{\"q\": 3, \"choices\": [\"a\", \"bb\", \"\u00e9\u00e9\u00e9\"], \"answer\": 2}");
        Map<String, Double> rating = Map.of(" a", -3.0, " bb", -4.0, " \u00e9\u00e9\u00e9", -5.7);
        ScriptedBackend backend = new ScriptedBackend(null, rating::get);
        TaskResult result = new TaskRun(new LoadedTask(task, questions), backend, Map.of())
                .run(dir.resolve("choice"), false, TaskListener.NONE);
        List<Item> items = ItemFile.read(dir.resolve("choice"));
        assertEquals(
                List.of(1.0, 0.0, 0.0), items.stream().map(i -> i.value("acc")).toList());
        // by characters: -3, -2, -1.9; by bytes: -3, -2, -0.95
        assertEquals(
                List.of(0.0, 0.0, 1.0),
                items.stream().map(i -> i.value("acc_norm")).toList());
        assertEquals(
                List.of(0.0, 0.0, 1.0),
                items.stream().map(i -> i.value("acc_bytes")).toList());
        assertEquals(1.0 / 3, result.metrics().get("acc").value(), 1e-12);
    }

    @Test
    void perplexityIsOverAllWordsAndNotAMeanOfTexts() {
        Task task = Tasks.of(TaskKind.PERPLEXITY, Map.of());
        Questions questions = Tasks.questions(dir, task, "{\"text\": \"one\"}", "{\"text\": \"one two three four\"}");
        ScriptedBackend backend = new ScriptedBackend(null, text -> text.equals("one") ? -8 : -2);
        TaskResult result = new TaskRun(new LoadedTask(task, questions), backend, Map.of())
                .run(dir.resolve("text"), false, TaskListener.NONE);
        assertEquals(Math.exp(10.0 / 5), result.metrics().get("word_perplexity").value(), 1e-9);
        assertEquals(
                10.0 / 21 / Math.log(2), result.metrics().get("bits_per_byte").value(), 1e-9);
    }

    @Test
    void twoEvaluationsAreComparedQuestionByQuestion() {
        run(sampled, backend(), TaskListener.NONE, "a");
        ScriptedBackend better = new ScriptedBackend(
                (prompt, seed) -> ScriptedBackend.text("\\boxed{" + prompt.substring(1) + "}"), text -> 0);
        run(sampled, better, TaskListener.NONE, "b");
        TaskComparison c = TaskComparison.of(dir.resolve("a"), dir.resolve("b"));
        List<Item> a = ItemFile.read(dir.resolve("a"));
        double mean = a.stream().mapToDouble(i -> i.value("avg@4")).average().orElseThrow();
        assertEquals(1 - mean, c.difference().value(), 1e-12);
        List<Integer> notAllRight =
                a.stream().filter(i -> i.value("avg@4") < 1).map(Item::number).toList();
        assertEquals(notAllRight, c.paired().won());
        assertEquals(List.of(), c.paired().lost());
        // Each sign flip is as likely: all of one sign have 2 of 2^n.
        assertEquals(2 / Math.pow(2, notAllRight.size()), c.paired().p(), 1e-12);
        Task few = Tasks.of(
                TaskKind.GENERATE,
                Map.of(
                        "prompt.template",
                        "{{q}}",
                        "generation.samples",
                        4,
                        "generation.temperature",
                        1.0,
                        "task.limit",
                        2));
        run(few, backend(), TaskListener.NONE, "few");
        assertThrows(RefusedException.class, () -> TaskComparison.of(dir.resolve("a"), dir.resolve("few")));
    }
}
