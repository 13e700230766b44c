package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of an adapter through the command: train, inspect, score, merge, train on. */
class LoraCommandTest {

    private static final String MODEL = "../psft-core/src/test/resources/models/stories260K";
    private static final String DATA = "src/dist/share/data/additions.jsonl";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    @Test
    void anAdapterIsTrainedScoredMergedAndTrainedOn() throws IOException {
        Path run = dir.resolve("run");
        Path adapter = run.resolve("final");
        train(MODEL, run, "lora.r=4");
        JsonNode written = JSON.readTree(adapter.resolve("adapter_config.json").toFile());
        assertEquals(
                Path.of(MODEL).toAbsolutePath().normalize().toString(),
                written.get("base_model_name_or_path").textValue());
        assertEquals(8, written.get("lora_alpha").intValue(), "twice the rank");
        assertFalse(Files.exists(adapter.resolve("model.safetensors")), "the adapter alone");

        JsonNode shown = JSON.readTree(run("inspect", adapter.toString(), "--json"));
        assertEquals(4, shown.get("lora_r").intValue());

        Path merged = dir.resolve("merged");
        String said = run("merge", "--model", adapter.toString(), "--output", merged.toString());
        assertTrue(said.startsWith("largest difference of a logit between adapter and merged model: "), said);
        assertEquals(nll(adapter), nll(merged), 1e-4);
        assertTrue(Math.abs(nll(adapter) - nll(Path.of(MODEL))) > 0.1, "training has changed it");

        Path more = dir.resolve("more");
        train(adapter.toString(), more, "train.recompute=blocks");
        assertTrue(nll(more.resolve("final")) < nll(adapter), "the adapter is trained on");
    }

    @Test
    void whatIsNoAdapterOrNotEmptyIsNotMerged() throws IOException {
        InProcess.Result whole = InProcess.run(
                "merge", "--model", MODEL, "--output", dir.resolve("out").toString());
        assertEquals(2, whole.code());
        assertTrue(whole.err().contains("nothing to merge"), whole.err());
        Files.writeString(dir.resolve("x"), "x");
        String golden = "../psft-core/src/test/resources/golden-lora/llama-qv/adapter";
        InProcess.Result full = InProcess.run("merge", "--model", golden, "--output", dir.toString());
        assertEquals(2, full.code());
        assertTrue(full.err().contains("exists already"), full.err());
    }

    /** The name alone is wrong: neither check nor run may pass it over. */
    @Test
    void misspeltModulesAreRefused() throws IOException {
        Path file = Files.writeString(
                dir.resolve("run.yaml"), "model: {path: '" + MODEL + "'}\ndata: {train: " + DATA + "}\nlora: {r: 2}\n");
        InProcess.Result checked =
                InProcess.run("config", "validate", file.toString(), "--set", "lora.exclude_modules=[q_prj]");
        assertEquals(2, checked.code(), checked.err());
        assertTrue(checked.err().contains("exclude_modules: q_prj matches no module"), checked.err());
        InProcess.Result trained = InProcess.run(
                "train", file.toString(), "--set", "lora.modules_to_save=[lm_hed]", "--set", "run.dir=" + dir);
        assertEquals(2, trained.code(), trained.err());
        assertTrue(trained.err().contains("modules_to_save: lm_hed matches no module"), trained.err());
    }

    private void train(String model, Path run, String setting) throws IOException {
        Path file = Files.writeString(dir.resolve("run.yaml"), """
                model:
                  path: "%s"
                data:
                  train: %s
                batch:
                  macro: 8
                  mini: 4
                train:
                  max_steps: 6
                optimizer:
                  lr: 1e-2
                schedule:
                  warmup_steps: 0
                monitor:
                  listeners: []
                """.formatted(model.replace("\\", "/"), DATA));
        run("train", "--quiet", "--config", file.toString(), "--set", "run.dir=" + run, "--set", setting);
    }

    private double nll(Path model) throws IOException {
        Path scores = dir.resolve("scores.jsonl");
        run("score", "--model", model.toString(), "--input", DATA, "--output", scores.toString());
        List<String> rows = Files.readAllLines(scores);
        double sum = 0;
        for (String row : rows) {
            sum += JSON.readTree(row).get("nll").doubleValue();
        }
        return sum / rows.size();
    }

    private static String run(String... arguments) {
        InProcess.Result result = InProcess.run(arguments);
        assertEquals(0, result.code(), result.err());
        return result.out();
    }
}
