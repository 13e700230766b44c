package io.github.psft4j.cli.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code psft plan} says of a run and of a generation. */
class PlanReportTest {

    private static final long PARAMETERS = 260_032;

    @TempDir
    Path dir;

    private Path config;

    @BeforeEach
    void writeConfig() throws IOException {
        config = dir.resolve("run.yaml");
        Files.writeString(config, """
                model: {path: ../psft-core/src/test/resources/models/stories260K}
                data: {train: src/dist/share/data/additions.jsonl}
                objective: {name: sft}
                batch: {macro: 8, mini: 8}
                """);
    }

    private PlanReport report(int length, String... settings) {
        return PlanReport.ofRun(config, List.of(settings), length, false);
    }

    private static JsonNode json(PlanReport report) throws IOException {
        return new ObjectMapper().readTree(report.json());
    }

    @Test
    void partsOfTheRunAddUpAndFollowTheSettings() throws IOException {
        JsonNode plan = json(report(300));
        JsonNode parts = plan.get("parts");
        assertEquals(4 * PARAMETERS, parts.get("weights").asLong());
        assertEquals(8 * PARAMETERS, parts.get("moments of AdamW").asLong());
        long sum = 0;
        for (JsonNode part : parts) {
            sum += part.asLong();
        }
        assertEquals(sum, plan.get("total").asLong());
        assertEquals(
                4 * PARAMETERS,
                json(report(300, "optimizer.moments=bf16"))
                        .at("/parts/moments of AdamW")
                        .asLong());
        assertEquals(
                12 * PARAMETERS,
                json(report(300, "checkpoint.every=5"))
                        .at("/parts/copy for checkpoints")
                        .asLong());
        JsonNode lora = json(report(300, "lora.r=4")).get("parts");
        assertEquals(4 * PARAMETERS, lora.get("frozen weights").asLong());
        assertTrue(lora.get("gradient").asLong() < PARAMETERS, "only the adapter is trained: " + lora);
    }

    @Test
    void onAClusterDriverAndTaskSlotsHaveTheirShares() throws IOException {
        PlanReport report = PlanReport.ofRun(config, List.of("batch.micro=2"), 300, true);
        JsonNode plan = json(report);
        assertEquals(
                4 * PARAMETERS, plan.at("/driver/sum of the slices' gradients").asLong());
        assertEquals((4 + 2) * 4 * PARAMETERS, plan.get("driver_heap").asLong(), "four slices of two sequences");
        assertEquals(3 * 4 * PARAMETERS, plan.get("slot_heap").asLong());
        assertTrue(plan.get("slot").has("activations of 5 blocks"), plan.toString());
        String text = report.text();
        assertTrue(text.contains("executor, for each task slot"), text);
        assertTrue(text.contains("gradients and weights in the heap"), text);
    }

    @Test
    void theLongestDemonstrationIsReadFromTheDataUnlessALengthIsGiven() throws IOException {
        long given = json(report(300)).at("/parts/activations of 5 blocks").asLong();
        long read = json(report(0)).at("/parts/activations of 5 blocks").asLong();
        assertTrue(read > 0 && read < given, read + " of " + given);
    }

    @Test
    void textNamesTheMachineAndWhatSaves() {
        List<String> lines = new ArrayList<>(report(400).text().lines().toList());
        assertTrue(lines.get(0).contains("8 x 399 tokens a pass, f32, recompute none"), lines.get(0));
        assertTrue(lines.stream().anyMatch(line -> line.matches("  sum +[0-9,]+ MB")), lines.toString());
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("  this machine or container has")));
        assertTrue(report(400, "train.recompute=auto").text().contains("recompute auto (none)"), "a small run fits");
    }

    @Test
    void aGenerationHoldsWeightsAndKeysAndValues() throws IOException {
        JsonNode plan =
                json(PlanReport.ofGeneration("../psft-core/src/test/resources/models/stories260K", "f32", 3, 100, 200));
        assertEquals(4 * PARAMETERS, plan.at("/parts/weights").asLong());
        long perToken = 2L * 5 * 4 * 8 * 4; // both, layers, heads, width, bytes
        assertEquals(
                3 * 7 * 32 * perToken, // pages of 32 tokens
                plan.at("/parts/keys and values").asLong());
    }
}
