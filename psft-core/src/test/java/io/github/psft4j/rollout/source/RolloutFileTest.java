package io.github.psft4j.rollout.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import io.github.psft4j.rollout.Finish;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.RolloutGroup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stored rollouts come back as they were; damaged lines are named with line and field. */
class RolloutFileTest {

    @TempDir
    Path dir;

    @Test
    void whatIsWrittenIsRead() {
        int[] prompt = {3, 1};
        List<RolloutGroup> groups = List.of(
                new RolloutGroup(
                        0,
                        Map.of("answer", new TextNode("42")),
                        List.of(
                                new Rollout(prompt, new int[] {5, 2}, Finish.END, new double[] {-0.1, -1.0 / 3}),
                                new Rollout(prompt, new int[] {7}, Finish.LENGTH)),
                        new double[] {1.0 / 7, Double.NaN}),
                new RolloutGroup(1, List.of(new Rollout(prompt, new int[] {0}, Finish.STOP)), 0));
        Path file = dir.resolve("rollouts.jsonl");
        RolloutFile.write(file, groups);
        assertEquals(groups, RolloutFile.read(file));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"prompt_ids\": [1], \"completions\": [] | line 2 is not a JSON object",
                "{\"completions\": []} | line 2: prompt_ids must be a list of at least one token id, it is missing",
                "{\"prompt_ids\": [1.5], \"completions\": []} | prompt_ids must be token ids of 0 and above",
                "{\"prompt_ids\": [1], \"completions\": []} | line 2: prompt 1 has 0 completions",
                "{\"prompt_ids\": [1], \"completions\": [{\"ids\": [-2]}]} | completions[0].ids must be token ids",
                "{\"prompt_ids\": [1], \"completions\": [{\"ids\": [2], \"finish\": \"eos\"}]}"
                        + " | completions[0].finish must be end, stop or length, was \"eos\"",
                "{\"prompt_ids\": [1], \"completions\": [{\"ids\": [2], \"finish\": \"end\"}]}"
                        + " | completions[0].reward must be a number",
                "{\"prompt_ids\": [1], \"completions\": [{\"ids\": [2], \"finish\": \"end\", \"reward\": \"1\"}]}"
                        + " | reward must be a number, or null for one that does not apply, was \"1\"",
                "{\"prompt_ids\": [1], \"completions\": [{\"ids\": [2], \"finish\": \"end\", \"reward\": 1,"
                        + " \"log_probs\": [1, 2]}]} | completions[0]: a completion has 1 tokens but 2 sampler",
            })
    void damagedLinesAreNamed(String line, String part) throws Exception {
        Path file = dir.resolve("rollouts.jsonl");
        String good = "{\"prompt_ids\": [1], \"completions\": [{\"ids\": [2], \"finish\": \"end\", \"reward\": null}]}";
        Files.writeString(file, good + "\n" + line + "\n");
        String message = assertThrows(IllegalArgumentException.class, () -> RolloutFile.read(file))
                .getMessage();
        assertTrue(message.contains(part) && message.contains("rollouts.jsonl, line 2"), message);
    }
}
