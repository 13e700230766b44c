package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceDefaultTest {

    private static final String MODEL = "../psft-core/src/test/resources/models/stories260K";

    @TempDir
    Path dir;

    /** With an adapter it is the model itself, the adapter switched off. */
    @ParameterizedTest
    @CsvSource({"asft, 0", "asft, 4", "sft-kl, 4"})
    void withoutReferencePathAnObjectiveComparesWithTheInitialModel(String objective, int rank) throws IOException {
        String lora = "lora:\n  r: " + rank + "\n";
        assertEquals(
                metrics("named", objective, lora + "reference:\n  path: " + MODEL + "\n"),
                metrics("default", objective, lora));
    }

    private List<ObjectNode> metrics(String name, String objective, String more) throws IOException {
        Path run = dir.resolve(name);
        Path file = Files.writeString(dir.resolve(name + ".yaml"), """
                model:
                  path: %s
                data:
                  train: src/dist/share/data/additions.jsonl
                objective:
                  name: %s
                batch:
                  macro: 4
                  mini: 4
                train:
                  max_steps: 3
                optimizer:
                  lr: 1e-3
                monitor:
                  listeners: []
                """.formatted(MODEL, objective) + more);
        InProcess.Result result =
                InProcess.run("train", "--quiet", "--config", file.toString(), "--set", "run.dir=" + run);
        assertEquals(0, result.code(), result.err());
        List<ObjectNode> out = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            ObjectNode step = (ObjectNode) new ObjectMapper().readTree(line);
            step.remove("tokens_per_second");
            out.add(step);
        }
        return out;
    }
}
