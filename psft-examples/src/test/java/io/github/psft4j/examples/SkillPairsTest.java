package io.github.psft4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.examples.skills.Problem;
import io.github.psft4j.examples.skills.Skill;
import io.github.psft4j.examples.skills.SkillCorpus;
import io.github.psft4j.model.CausalLm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is trained on the testbed: pairs of right and wrong, and never an addition that is held out. */
class SkillPairsTest {

    private static final Path DATA = Path.of("src/dist/share/data");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void everyPairIsARightAndAWrongAnswerAndThereOnlyOnce(@TempDir Path directory) throws Exception {
        CausalLm model = CausalLm.load(BaseModel.extractTo(directory));
        List<Demonstration> pairs = new SkillPairs("sigmoid 1", 2, 20, 8, 8, 1, 1e-4).draw(model, 3);
        Map<String, Problem> asked =
                SkillCorpus.fineTuning(20, 3).stream().collect(Collectors.toMap(Problem::prompt, Function.identity()));
        List<String> rows = SkillPairs.rows(model, pairs);
        assertEquals(pairs.size() / 2, rows.size());
        assertTrue(rows.size() > 20, "several pairs of an addition: " + rows.size());
        assertEquals(rows.size(), new HashSet<>(rows).size(), "a pair was drawn twice");
        for (String row : rows) {
            JsonNode pair = JSON.readTree(row);
            Problem problem = asked.get(pair.get("prompt").textValue());
            assertTrue(problem.isSolvedBy(pair.get("chosen").textValue()), row);
            assertFalse(problem.isSolvedBy(pair.get("rejected").textValue()), row);
        }
    }

    @Test
    void filesThatComeWithPsftTrainNoHeldOutAddition() throws Exception {
        Set<String> heldOut = SkillCorpus.heldOut(Skill.ADD, 1000, 1).stream()
                .map(Problem::prompt)
                .collect(Collectors.toSet());
        for (String name : List.of("additions-prompts.jsonl", "additions-answers.jsonl")) {
            List<String> prompts = Files.readAllLines(DATA.resolve(name)).stream()
                    .map(line -> line.split("\"")[3])
                    .toList();
            assertTrue(prompts.size() > 1000, name);
            assertTrue(prompts.stream().noneMatch(heldOut::contains), name);
        }
    }
}
