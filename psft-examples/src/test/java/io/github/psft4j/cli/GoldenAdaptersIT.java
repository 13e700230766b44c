package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The installed command against PEFT: training an adapter step by step, its scores, and those of the merged model. The
 * models are the folders of {@value #FOLDER_PROPERTY} (default: the test resources of psft-core) that hold
 * {@code golden.safetensors}.
 */
class GoldenAdaptersIT {

    static final String FOLDER_PROPERTY = "psft.golden.lora";

    private static final double TOLERANCE = 1e-4;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    static Stream<Path> models() throws IOException {
        return GoldenFolders.in(FOLDER_PROPERTY, "golden-lora");
    }

    @ParameterizedTest
    @MethodSource("models")
    void trainFollowsPeftStepByStep(Path model) throws IOException {
        JsonNode golden = JSON.readTree(model.resolve("golden.json").toFile()).get("trajectory");
        try (SafetensorsReader tensors = SafetensorsReader.open(model.resolve("golden.safetensors"))) {
            GoldenRows.write(tensors, "train.", dir.resolve("rows.jsonl"));
            Files.writeString(dir.resolve("run.yaml"), GoldenModelsIT.yaml(model.resolve("adapter-init"), golden));
            run("train", "--config", "run.yaml");
            List<String> lines = Files.readAllLines(dir.resolve("runs/run/metrics.jsonl"));
            assertEquals(golden.get("steps").size(), lines.size());
            for (int i = 0; i < lines.size(); i++) {
                GoldenModelsIT.compare(golden.get("steps").get(i), JSON.readTree(lines.get(i)), i);
            }
            GoldenModelsIT.compareFinal(tensors, dir.resolve("runs/run/final/adapter_model.safetensors"));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void scoresOfAdapterAndMergedModelEqualPeft(Path model) throws IOException {
        try (SafetensorsReader golden = SafetensorsReader.open(model.resolve("golden.safetensors"))) {
            int[] lengths = GoldenRows.write(golden, "", dir.resolve("rows.jsonl"));
            String adapter = model.resolve("adapter").toString();
            run("merge", "--model", adapter, "--output", "merged");
            compareScores(adapter, lengths, golden.readFloats("token_logprob"));
            String rounded = "merged_bf16.token_logprob"; // of a base in bf16, the type that merge keeps
            boolean bf16 = golden.names().contains(rounded);
            compareScores("merged", lengths, golden.readFloats(bf16 ? rounded : "merged.token_logprob"));
        }
    }

    private void compareScores(String model, int[] lengths, float[] expected) throws IOException {
        run("score", "--model", model, "--input", "rows.jsonl", "--output", "scores.jsonl");
        List<String> rows = Files.readAllLines(dir.resolve("scores.jsonl"));
        int width = expected.length / lengths.length;
        for (int b = 0; b < lengths.length; b++) {
            JsonNode actual = JSON.readTree(rows.get(b)).get("token_logprobs");
            for (int t = 0; t < lengths[b] - 1; t++) {
                assertEquals(expected[b * width + t], actual.get(t).doubleValue(), TOLERANCE);
            }
        }
    }

    private void run(String... arguments) {
        Launcher.Result result = new Launcher(dir).run(arguments);
        assertEquals(0, result.code(), result.err());
    }
}
