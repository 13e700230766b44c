package io.github.psft4j.eval.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.eval.task.JudgeKind;
import io.github.psft4j.eval.task.LoadedTask;
import io.github.psft4j.eval.task.Questions;
import io.github.psft4j.eval.task.Task;
import io.github.psft4j.eval.task.TaskKind;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** IFEval's four figures: of prompts a mean over questions, of instructions a mean over instructions. */
class InstructionMarkingTest {

    @Test
    void instructionsCountOneByOneAndPromptsAsAWhole(@TempDir Path dir) {
        Task task = Tasks.of(TaskKind.GENERATE, Map.of("prompt.template", "{{prompt}}", "judge.by", JudgeKind.IFEVAL));
        Questions questions = Tasks.questions(dir, task, """
                {"prompt": "a", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}""", """
                {"prompt": "b", "instruction_id_list": ["punctuation:no_comma", "change_case:english_lowercase",\
                 "length_constraints:number_words"], "kwargs": [{}, {},\
                 {"relation": "at least", "num_words": 100}]}""");
        // "**No, comma**" has a comma in every form; "hello" is lowercase without one, but not a hundred words.
        ScriptedBackend backend = new ScriptedBackend(
                (prompt, seed) -> ScriptedBackend.text(prompt.equals("a") ? "Sure, yes\nNo comma here" : "hello there"),
                text -> 0);
        TaskResult result = new TaskRun(new LoadedTask(task, questions), backend, Map.of())
                .run(dir.resolve("out"), false, TaskListener.NONE);
        // Strictly the first answer has a comma; without its first line, as a loose reading may take it, it has none.
        assertEquals(0, result.metrics().get("prompt_level_strict_acc").value(), 1e-12);
        assertEquals(2.0 / 4, result.metrics().get("inst_level_strict_acc").value(), 1e-12);
        assertEquals(1.0 / 2, result.metrics().get("prompt_level_loose_acc").value(), 1e-12);
        assertEquals(3.0 / 4, result.metrics().get("inst_level_loose_acc").value(), 1e-12);
    }
}
