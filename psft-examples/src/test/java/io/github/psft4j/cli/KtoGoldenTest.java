package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.losses.preference.KtoObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.source.UnpairedAnswers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

/** KTO against a run of TRL's trainer in float32 ({@code make_kto.py}), through the source and through the command. */
class KtoGoldenTest {

    private static final double STEP = 5e-5; // |a - b| / max(1, |b|); TRL computes in float32
    private static final Path FOLDER = Path.of("../psft-core/src/test/resources/golden-rl");
    private static final List<String> FIELDS =
            List.of("kl", "rewards_chosen", "rewards_rejected", "logps_chosen", "logps_rejected");

    @TempDir
    Path dir;

    private final JsonNode golden = read();

    private static JsonNode read() {
        try {
            return new ObjectMapper().readTree(FOLDER.resolve("kto.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int[] ids(JsonNode list) {
        return IntStream.range(0, list.size()).map(i -> list.get(i).intValue()).toArray();
    }

    private UnpairedAnswers answers(int block) {
        List<Demonstration> answers = new ArrayList<>();
        boolean[] good = new boolean[golden.get("rows").size()];
        for (JsonNode row : golden.get("rows")) {
            good[answers.size()] = row.get("label").booleanValue();
            answers.add(Demonstration.of(ids(row.get("prompt")), ids(row.get("completion"))));
        }
        return new UnpairedAnswers(answers, good, block);
    }

    private static void close(double expected, double actual, String what) {
        assertEquals(expected, actual, STEP * Math.max(1, Math.abs(expected)), what);
    }

    @Test
    void everyStepIsThatOfTrl() {
        JsonNode p = golden.get("parameters");
        int batch = p.get("batch").intValue();
        CausalLm model = CausalLm.load(FOLDER.resolve(golden.get("model").textValue()));
        List<StepMetrics> steps = new ArrayList<>();
        PsftTrainer.builder(model)
                .objective(new KtoObjective(
                        p.get("beta").doubleValue(),
                        p.get("desirable_weight").doubleValue(),
                        p.get("undesirable_weight").doubleValue()))
                .macroBatch(2 * batch)
                .miniBatch(2 * batch)
                .shuffle(false)
                .maxSteps(golden.get("steps").size())
                .learningRate(p.get("lr").doubleValue())
                .weightDecay(p.get("weight_decay").doubleValue())
                .maxGradNorm(p.get("max_grad_norm").doubleValue())
                .warmupSteps(0)
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics metrics) {
                        steps.add(metrics);
                    }
                })
                .build()
                .fit(answers(batch));
        for (int k = 0; k < steps.size(); k++) {
            JsonNode wanted = golden.get("steps").get(k);
            StepMetrics step = steps.get(k);
            close(wanted.get("loss").doubleValue(), step.loss(), "loss " + k);
            close(wanted.get("grad_norm").doubleValue(), step.gradNorm(), "grad_norm " + k);
            for (String name : FIELDS) {
                close(wanted.get(name).doubleValue(), step.measure(name), name + " " + k);
            }
        }
        finalWeights(model);
    }

    private static void finalWeights(CausalLm model) {
        Map<String, INDArray> weights = model.tensors(model.graph().params());
        try (SafetensorsReader file = SafetensorsReader.open(FOLDER.resolve("kto.safetensors"))) {
            assertTrue(file.names().size() > 4);
            for (String name : file.names()) {
                double[] wanted = file.readDoubles(name);
                INDArray trained = weights.get(name.substring("final.".length()));
                double[] actual = trained.dup('c').reshape(trained.length()).toDoubleVector();
                for (int i = 0; i < wanted.length; i++) {
                    assertEquals(wanted[i], actual[i], 2e-4, name + " " + i);
                }
            }
        }
    }

    @Test
    void theCommandTrainsAnswersWithLabels() throws IOException {
        JsonNode p = golden.get("parameters");
        GoldenPairs pairs = GoldenPairs.read();
        Path model = pairs.modelWithWords(dir.resolve("model"), 97);
        List<String> lines = new ArrayList<>();
        for (JsonNode row : golden.get("rows")) {
            lines.add(new ObjectMapper()
                    .createObjectNode()
                    .put("prompt", words(row.get("prompt")))
                    .put("completion", " " + words(row.get("completion")))
                    .put("label", row.get("label").booleanValue())
                    .toString());
        }
        Path data = Files.write(dir.resolve("labels.jsonl"), lines);
        Path run = dir.resolve("run");
        Path file = Files.writeString(dir.resolve("kto.yaml"), """
                model: {path: "%s"}
                data: {train: "%s", shuffle: false, append_eos: false}
                objective: {name: kto, beta: %s, undesirable_weight: %s}
                batch: {macro: 16, mini: 16}
                train: {max_steps: 6}
                optimizer: {lr: %s, weight_decay: 0}
                schedule: {warmup_steps: 0}
                eval: {data: "%s", every: 3}
                monitor: {listeners: [csv, report]}
                """.formatted(
                        model, data, p.get("beta"), p.get("undesirable_weight"), p.get("lr"), data));
        InProcess.Result result =
                InProcess.run("train", "--quiet", "--config", file.toString(), "--set", "run.dir=" + run);
        assertEquals(0, result.code(), result.err());
        List<String> written = Files.readAllLines(run.resolve("metrics.jsonl"));
        for (int k = 0; k < 6; k++) {
            JsonNode step = new ObjectMapper().readTree(written.get(k));
            close(
                    golden.get("steps").get(k).get("loss").doubleValue(),
                    step.get("loss").doubleValue(),
                    "loss " + k);
            close(
                    golden.get("steps").get(k).get("kl").doubleValue(),
                    step.get("kl").doubleValue(),
                    "kl " + k);
        }
        finalWeights(CausalLm.load(run.resolve("final")));
        List<String> columns =
                List.of(Files.readAllLines(run.resolve("metrics.csv")).get(0).split(","));
        assertTrue(columns.contains("kl") && columns.contains("rewards_chosen"), columns.toString());
        assertTrue(Files.readString(run.resolve("report.html")).contains("Held-out rewards chosen"), "and curves");
    }

    private static String words(JsonNode ids) {
        return IntStream.of(ids(ids)).mapToObj(id -> "w" + id).collect(Collectors.joining(" "));
    }

    @Test
    void aBlockTakesItsOwnAnswersAndNoneIsPairedWithItself() {
        UnpairedAnswers answers = answers(5); // of 24: the last block has 4
        for (int i = 0; i < answers.size(); i += 2) {
            int block = i / 2 / 5 * 5;
            int other = i / 2 > block ? i / 2 - 1 : Math.min(block + 5, 24) - 1;
            Demonstration mismatch = answers.get(i + 1);
            Demonstration source = answers.get(2 * other);
            assertEquals(source.trainedTokens(), mismatch.trainedTokens(), "answer " + i / 2);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> new UnpairedAnswers(answers.subList(0, 1), new boolean[] {true}, 2));
    }
}
