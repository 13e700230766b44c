package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The installed command against transformers and a PyTorch loop: training step by step, scores, greedy generation. The
 * models are the folders of {@value #FOLDER_PROPERTY} (default: the test resources of psft-core) that hold
 * {@code golden.safetensors}.
 */
class GoldenModelsIT {

    static final String FOLDER_PROPERTY = "psft.golden.models";

    private static final double TRAJECTORY_TOLERANCE = 1e-3;
    private static final double SCORE_TOLERANCE = 1e-4;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    static Stream<Path> models() throws IOException {
        return GoldenFolders.in(FOLDER_PROPERTY, "golden");
    }

    @ParameterizedTest
    @MethodSource("models")
    void trainFollowsPyTorchStepByStep(Path model) throws IOException {
        assumeFixedFrequencies(model);
        JsonNode golden = JSON.readTree(model.resolve("golden.json").toFile()).get("trajectory");
        try (SafetensorsReader tensors = SafetensorsReader.open(model.resolve("golden.safetensors"))) {
            GoldenRows.write(tensors, "train.", dir.resolve("rows.jsonl"));
            Files.writeString(dir.resolve("run.yaml"), yaml(model, golden));

            Launcher.Result result = new Launcher(dir).run("train", "--config", "run.yaml");

            assertEquals(0, result.code(), result.err());
            Path run = dir.resolve("runs/run");
            List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
            assertEquals(golden.get("steps").size(), lines.size());
            for (int i = 0; i < lines.size(); i++) {
                compare(golden.get("steps").get(i), JSON.readTree(lines.get(i)), i);
            }
            compareFinal(tensors, run.resolve("final/model.safetensors"));
            assertTrue(Files.exists(run.resolve("report.html")), "report.html is missing");
        }
    }

    /** What the trajectory says in the words of a configuration. */
    static String yaml(Path model, JsonNode golden) {
        return """
                model:
                  path: "%s"
                data:
                  train: rows.jsonl
                  shuffle: false
                objective:
                  name: psft
                  eps_low: %s
                  eps_high: %s
                batch:
                  macro: %s
                  mini: %s
                optimizer:
                  lr: %s
                  betas: %s
                  eps: %s
                  weight_decay: %s
                  decay: all
                  max_grad_norm: %s
                schedule:
                  shape: constant
                  warmup_steps: %s
                """.formatted(
                        model.toString().replace("\\", "/"),
                        golden.get("eps_low"),
                        golden.get("eps_high"),
                        golden.get("macro"),
                        golden.get("mini"),
                        golden.get("lr"),
                        golden.get("betas"),
                        golden.get("adam_eps"),
                        golden.get("weight_decay"),
                        golden.get("max_grad_norm"),
                        golden.get("lr_warmup_steps"));
    }

    static void compare(JsonNode expected, JsonNode actual, int step) {
        expected.fieldNames().forEachRemaining(field -> {
            double value = expected.get(field).doubleValue();
            assertTrue(actual.has(field), field + " is missing at step " + step);
            assertEquals(
                    value,
                    actual.get(field).doubleValue(),
                    TRAJECTORY_TOLERANCE * Math.max(1, Math.abs(value)),
                    field + " at step " + step);
        });
    }

    static void compareFinal(SafetensorsReader golden, Path weights) {
        try (SafetensorsReader trained = SafetensorsReader.open(weights)) {
            List<String> names = golden.names().stream()
                    .filter(name -> name.startsWith("final."))
                    .toList();
            assertTrue(!names.isEmpty(), "no final.* in the golden file");
            for (String name : names) {
                assertArrayEquals(
                        golden.readFloats(name),
                        trained.readFloats(name.substring("final.".length())),
                        (float) TRAJECTORY_TOLERANCE,
                        name);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void scoreEqualsTransformers(Path model) throws IOException {
        assumeFixedFrequencies(model);
        try (SafetensorsReader golden = SafetensorsReader.open(model.resolve("golden.safetensors"))) {
            int[] lengths = GoldenRows.write(golden, "", dir.resolve("rows.jsonl"));

            Launcher.Result result = new Launcher(dir)
                    .run("score", "--model", model.toString(), "--input", "rows.jsonl", "--output", "scores.jsonl");

            assertEquals(0, result.code(), result.err());
            List<String> lines = Files.readAllLines(dir.resolve("scores.jsonl"));
            assertEquals(lengths.length, lines.size());
            float[] logProbs = golden.readFloats("token_logprob"); // [B, T - 1]
            float[] entropies = golden.readFloats("token_entropy"); // [B, T - 1]
            float[] mask = golden.readFloats("loss_mask"); // [B, T]
            int width = logProbs.length / lengths.length;
            for (int b = 0; b < lengths.length; b++) {
                JsonNode row = JSON.readTree(lines.get(b));
                assertEquals(lengths[b] - 1, row.get("token_logprobs").size());
                assertEquals(lengths[b] - 1, row.get("token_entropies").size());
                int tokens = 0;
                double nll = 0;
                for (int t = 0; t < lengths[b] - 1; t++) {
                    double expected = logProbs[b * width + t];
                    assertEquals(expected, row.get("token_logprobs").get(t).doubleValue(), SCORE_TOLERANCE);
                    assertEquals(
                            entropies[b * width + t],
                            row.get("token_entropies").get(t).doubleValue(),
                            SCORE_TOLERANCE);
                    if (mask[b * (width + 1) + t + 1] == 1) {
                        tokens++;
                        nll -= expected;
                    }
                }
                assertEquals(tokens, row.get("tokens").intValue());
                assertEquals(nll / tokens, row.get("nll").doubleValue(), SCORE_TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void greedyGenerationEqualsTransformers(Path model) {
        try (SafetensorsReader golden = SafetensorsReader.open(model.resolve("golden.safetensors"))) {
            int[] expected = golden.readInts("greedy"); // prompt of 5 and 16 new
            Launcher.Result result = new Launcher(dir)
                    .run(
                            "generate",
                            "--model",
                            model.toString(),
                            "--ids",
                            commaSeparated(Arrays.copyOf(expected, 5)),
                            "--max-new-tokens",
                            String.valueOf(expected.length - 5),
                            "--temperature",
                            "0",
                            "--ids-only");
            assertEquals(0, result.code(), result.err());
            assertEquals(
                    commaSeparated(expected), result.out().strip(), "standard output has the ids and nothing else");
        }
    }

    private static String commaSeparated(int[] ids) {
        return Arrays.stream(ids).mapToObj(String::valueOf).collect(Collectors.joining(","));
    }

    /**
     * Beyond its positions, dynamic RoPE depends on the padded length of a batch, which the reference loop chose
     * differently.
     */
    private static void assumeFixedFrequencies(Path model) throws IOException {
        JsonNode config = JSON.readTree(model.resolve("config.json").toFile());
        assumeFalse(config.findValuesAsText("rope_type").contains("dynamic"), "frequencies depend on the padding");
    }
}
