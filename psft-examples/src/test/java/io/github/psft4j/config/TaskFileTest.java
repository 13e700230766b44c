package io.github.psft4j.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.eval.judge.Judge;
import io.github.psft4j.eval.maths.Verdict;
import io.github.psft4j.eval.task.Prompts;
import io.github.psft4j.eval.task.Question;
import io.github.psft4j.eval.task.Questions;
import io.github.psft4j.eval.task.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tasks that come with psft, and the data sets that they are for. */
class TaskFileTest {

    private static final String FOLDER = "psft.evaluation.data";

    @Test
    void everyTaskIsOneThatCanBeLoaded() {
        TaskFile.all().forEach((name, comment) -> {
            assertFalse(comment.isBlank(), name);
            assertEquals(name, TaskFile.load(name, List.of()).name());
        });
    }

    /**
     * The five sets of the PSFT authors and GSM8K load as they are; every gold answer in a box is right.
     * {@code -Dpsft.evaluation.data=DIR} names a folder with math-eval/*.parquet and gsm8k/test.jsonl; without it the
     * test is skipped.
     */
    @Test
    void theSetsOfTheAuthorsLoadAsTheyAre() {
        String folder = System.getProperty(FOLDER);
        assumeTrue(folder != null, "no data; name their folder with -D" + FOLDER);
        Map<String, Integer> expected = new LinkedHashMap<>();
        expected.put("math-eval/aime-24.parquet", 30);
        expected.put("math-eval/aime-2025.parquet", 30);
        expected.put("math-eval/amc.parquet", 40);
        expected.put("math-eval/math500.parquet", 500);
        expected.put("math-eval/minerva.parquet", 272);
        expected.put("gsm8k/test.jsonl", 1319);
        expected.forEach((file, questions) -> {
            Task task = TaskFile.load(file.startsWith("gsm8k") ? "gsm8k" : "maths", List.of());
            Questions all = Questions.read(List.of(Path.of(folder, file)), task.task());
            assertEquals(questions, all.all().size(), file);
            Prompts prompts = new Prompts(task, all, true);
            Judge judge = Judge.of(task.judge());
            int right = 0;
            for (Question question : all.all()) {
                assertEquals(2, prompts.of(question).messages().size(), file);
                String gold = question.text(task.judge().gold(), "judge.gold");
                String boxed = gold.contains("####") ? gold : "So \\boxed{" + gold + "}.";
                right += judge.judge(gold, boxed).verdict() == Verdict.EQUAL ? 1 : 0;
            }
            assertEquals(questions, right, file + ": gold answers that are right beside themselves");
        });
    }

    @Test
    void aFaultNamesTheCommandThatExplainsTasks(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("mine.yaml"), "task: {data: rows.jsonl, kidn: choice}\n");
        String message = assertThrows(ConfigException.class, () -> TaskFile.load(file.toString(), List.of()))
                .getMessage();
        assertTrue(message.contains("kidn"), message);
        assertTrue(message.contains("\"psft config keys task\""), message);
    }
}
