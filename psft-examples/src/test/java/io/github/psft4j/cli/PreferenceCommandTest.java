package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Preferences by the command: ready configurations, adapters, packing, resume, and rows of another kind. */
class PreferenceCommandTest {

    private static final String MODEL = "../psft-core/src/test/resources/models/stories260K";
    private static final String DATA = "src/dist/share/data/additions";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    private InProcess.Result train(String ready, Path run, String... settings) {
        Path file = dir.resolve(ready + ".yaml");
        if (!Files.exists(file)) {
            assertEquals(
                    0, InProcess.run("config", "cp", ready, file.toString()).code());
        }
        String rows = DATA + (ready.equals("kto") ? "-labels" : "-pairs");
        List<String> words = new ArrayList<>(List.of("train", "--config", file.toString()));
        List<String> all = new ArrayList<>(List.of(
                "run.dir=" + run,
                "model.path=" + MODEL,
                "data.train=" + rows + ".jsonl",
                "eval.data=" + rows + ".jsonl",
                "data.max_rows=16",
                "schedule.warmup_steps=0",
                "optimizer.lr=1e-3",
                "train.max_steps=6",
                "train.epochs=",
                "eval.every=3",
                "eval.prompts=[]",
                "checkpoint.every=3",
                "batch.macro=16",
                "batch.mini=16"));
        all.addAll(List.of(settings));
        for (String setting : all) {
            words.addAll(setting.startsWith("--") ? List.of(setting.split(" ")) : List.of("--set", setting));
        }
        return InProcess.run(words.toArray(String[]::new));
    }

    private static List<JsonNode> rows(Path file) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            rows.add(JSON.readTree(line));
        }
        return rows;
    }

    @ParameterizedTest
    @ValueSource(strings = {"dpo", "simpo", "orpo", "kto"})
    void aReadyConfigurationTrainsAndIsResumedToTheSameNumbers(String ready) throws IOException {
        Path run = dir.resolve("run");
        InProcess.Result whole = train(ready, run);
        assertEquals(0, whole.code(), whole.err());
        List<JsonNode> steps = rows(run.resolve("metrics.jsonl"));
        List<JsonNode> evaluations = rows(run.resolve("eval.jsonl"));
        assertEquals(3, evaluations.size());
        assertTrue(
                evaluations.get(2).get("loss").doubleValue()
                        < evaluations.get(0).get("loss").doubleValue(),
                "the loss of pairs that were seen falls");
        InProcess.Result resumed = train(ready, run, "--resume " + run.resolve("step-00000003"));
        assertEquals(0, resumed.code(), resumed.err());
        List<JsonNode> again = rows(run.resolve("metrics.jsonl"));
        for (int k = 0; k < 6; k++) {
            for (String field : List.of("loss", "rewards_chosen", "logps_rejected", "grad_norm")) {
                assertEquals(
                        steps.get(k).get(field), again.get(k).get(field), ready + " step " + (k + 1) + " " + field);
            }
        }
        assertEquals(
                evaluations.get(2).get("loss"),
                rows(run.resolve("eval.jsonl")).get(2).get("loss"));
    }

    @Test
    void anAdapterComparesWithItsBaseAndPackingChangesNothing() throws IOException {
        Path plain = dir.resolve("plain");
        Path packed = dir.resolve("packed");
        assertEquals(
                0,
                train("dpo", plain, "lora.r=4", "optimizer.lr=1e-2", "objective.beta=0.1")
                        .code());
        InProcess.Result result = train(
                "dpo",
                packed,
                "lora.r=4",
                "optimizer.lr=1e-2",
                "objective.beta=0.1",
                "batch.packing=96",
                "batch.micro=4",
                "data.max_length=97");
        assertEquals(0, result.code(), result.err());
        List<JsonNode> a = rows(plain.resolve("metrics.jsonl"));
        List<JsonNode> b = rows(packed.resolve("metrics.jsonl"));
        assertEquals(Math.log(2), a.get(0).get("loss").doubleValue(), 1e-5, "a fresh adapter is its base");
        for (int k = 0; k < 6; k++) {
            assertEquals(
                    a.get(k).get("loss").doubleValue(), b.get(k).get("loss").doubleValue(), 2e-4);
        }
        assertTrue(Files.exists(packed.resolve("final/adapter_config.json")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dpo", "kto"})
    void preferencesTrainInBf16(String ready) throws IOException {
        String problem = TensorOpsFactory.bf16Problem(DataType.FLOAT);
        assumeTrue(problem == null, problem);
        Path wide = dir.resolve("f32");
        Path run = dir.resolve("bf16");
        assertEquals(0, train(ready, wide).code());
        InProcess.Result result = train(ready, run, "model.precision=bf16");
        assertEquals(0, result.code(), result.err());
        double rounded = rows(run.resolve("metrics.jsonl")).get(0).get("nll").doubleValue();
        double whole = rows(wide.resolve("metrics.jsonl")).get(0).get("nll").doubleValue();
        assertNotEquals(whole, rounded, "the products are rounded");
        assertEquals(whole, rounded, 0.02 * whole);
        List<JsonNode> evaluations = rows(run.resolve("eval.jsonl"));
        assertTrue(
                evaluations.get(2).get("loss").doubleValue()
                        < evaluations.get(0).get("loss").doubleValue(),
                "the loss of pairs that were seen falls");
    }

    /** The files are the same rows, the one in Parquet written by pyarrow. */
    @Test
    void pairsOfParquetTrainAsThoseOfJsonLines() throws IOException {
        String name = "../psft-core/src/test/resources/data/parquet/pairs.";
        List<JsonNode> first = null;
        for (String end : List.of("jsonl", "pyarrow.parquet")) {
            Path run = dir.resolve(end);
            InProcess.Result result = train("dpo", run, "data.train=" + name + end, "eval.data=" + name + end);
            assertEquals(0, result.code(), result.err());
            List<JsonNode> steps = rows(run.resolve("metrics.jsonl"));
            assertEquals(6, steps.size());
            for (int k = 0; first != null && k < 6; k++) {
                assertEquals(first.get(k).get("loss"), steps.get(k).get("loss"), "step " + (k + 1));
            }
            first = steps;
        }
    }

    /** What compares nothing is left out, counted and named by line; the others train. */
    @Test
    void badPairsAreNamedAndCountedAndTheOthersTrain() throws IOException {
        List<String> lines = new ArrayList<>(
                Files.readAllLines(Path.of(DATA + "-pairs.jsonl")).subList(0, 8));
        lines.add("{\"prompt\": \"A\", \"chosen\": \"1;\", \"rejected\": \"1;\"}");
        lines.add("{\"prompt\": \"A\", \"chosen\": \"\", \"rejected\": \"1;\"}");
        lines.add("{\"prompt\": \"" + "A1+1=".repeat(400) + "\", \"chosen\": \"1;\", \"rejected\": \"2;\"}");
        Path file = Files.write(dir.resolve("bad.jsonl"), lines);
        Path run = dir.resolve("run");
        InProcess.Result result = train("dpo", run, "data.train=" + file);
        assertEquals(0, result.code(), result.err());
        assertEquals(6, rows(run.resolve("metrics.jsonl")).size());
        for (String said : List.of(
                "11 rows of preference, 8 pairs, 3 dropped",
                "bad.jsonl:9: a pair without difference",
                "bad.jsonl:10: field 'chosen' is an empty answer",
                "bad.jsonl:11: more tokens than data.max_length")) {
            assertTrue((result.out() + result.err()).contains(said), said + " in " + result.out() + result.err());
        }
    }

    @Test
    void rowsOfAnotherKindAreRefusedWithTheWayOut() {
        InProcess.Result demonstrations = train("dpo", dir.resolve("a"), "data.train=" + DATA + ".jsonl");
        assertEquals(2, demonstrations.code());
        assertTrue(
                demonstrations.err().contains("prompt_completion")
                        && demonstrations.err().contains("chosen and rejected"),
                demonstrations.err());
        InProcess.Result pairs = train("laptop-sft", dir.resolve("b")); // on pairs
        assertTrue(pairs.code() != 0 && pairs.err().contains("data.columns={completion: chosen}"), pairs.err());
        InProcess.Result odd = train("dpo", dir.resolve("c"), "batch.mini=3", "batch.macro=3");
        assertTrue(odd.code() != 0 && odd.err().contains("must be even, was 3"), odd.err());
    }
}
