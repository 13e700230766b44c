package io.github.psft4j.eval.ifeval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The instructions against the verdicts of lm-eval 0.4.11 on texts of all kinds, which
 * {@code psft-examples/peer/ifeval_pairs.py} made. Another table of it is named by {@code -Dpsft.golden.ifeval=FILE}.
 */
class InstructionTableTest {

    private static final Logger LOG = LoggerFactory.getLogger(InstructionTableTest.class);
    private static final Path TABLE =
            Path.of(System.getProperty("psft.golden.ifeval", "src/test/resources/eval/ifeval/pairs.jsonl"));

    @Test
    void verdictsAreThoseOfTheReference() throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<String> wrong = new ArrayList<>();
        TreeSet<String> kinds = new TreeSet<>();
        int unsteady = 0;
        int pairs = 0;
        for (String line : Files.readAllLines(TABLE)) {
            JsonNode row = json.readTree(line);
            Map<String, Object> arguments = json.convertValue(row.get("kwargs"), new TypeReference<>() {});
            Instruction instruction = Instruction.of(row.get("id").asText(), arguments);
            String text = row.get("text").asText();
            kinds.add(instruction.id());
            pairs++;
            boolean agrees = instruction.isFollowed(text) == row.get("strict").asBoolean()
                    && instruction.isFollowedLoosely(text) == row.get("loose").asBoolean();
            if (row.get("share").asDouble() < 1) {
                unsteady++; // langdetect itself gives several verdicts
                LOG.info("{} unsteady: {}", agrees ? "agrees," : "differs,", line);
            } else if (!agrees) {
                wrong.add(line);
            }
        }
        LOG.info("{}: {} of {} agree, {} more are unsteady", TABLE, pairs - unsteady - wrong.size(), pairs, unsteady);
        assertEquals(List.of(), wrong);
        assertEquals(Instruction.ids(), kinds, "kinds in the table");
        assertTrue(pairs >= 1000 && unsteady <= pairs / 100, pairs + " pairs, " + unsteady + " unsteady");
    }
}
