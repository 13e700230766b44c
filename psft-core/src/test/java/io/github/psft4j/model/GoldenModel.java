package io.github.psft4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.GoldenBatches;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;

/** A model folder with what PyTorch computed, and the type of its parameters here. */
record GoldenModel(Path dir, DataType type) {

    /** The models of the folder that the property names, each in both types. */
    static Stream<GoldenModel> in(String property, String otherwise) throws IOException {
        Path folder = Path.of(System.getProperty(property, otherwise));
        try (Stream<Path> dirs = Files.list(folder)) {
            List<Path> models = dirs.filter(dir -> Files.exists(dir.resolve("golden.safetensors")))
                    .sorted()
                    .toList();
            assertTrue(!models.isEmpty(), "no golden models in " + folder.toAbsolutePath());
            return models.stream()
                    .flatMap(dir ->
                            Stream.of(new GoldenModel(dir, DataType.FLOAT), new GoldenModel(dir, DataType.DOUBLE)));
        }
    }

    SafetensorsReader golden() {
        return SafetensorsReader.open(dir.resolve("golden.safetensors"));
    }

    JsonNode json() throws IOException {
        return new ObjectMapper().readTree(dir.resolve("golden.json").toFile());
    }

    /** The model of a folder inside, "" for the folder itself. */
    CausalLm load(String inside) {
        return CausalLm.load(dir.resolve(inside), type);
    }

    /** Trains as the reference loop did, and compares every metric of every step. */
    void train(CausalLm lm, SafetensorsReader tensors, double tolerance) throws IOException {
        JsonNode golden = json().get("trajectory");
        List<StepMetrics> steps = new ArrayList<>();
        PsftTrainer.builder(lm)
                .clip(
                        golden.get("eps_low").doubleValue(),
                        golden.get("eps_high").doubleValue())
                .macroBatch(golden.get("macro").intValue())
                .miniBatch(golden.get("mini").intValue())
                .learningRate(golden.get("lr").doubleValue())
                .warmupSteps(golden.get("lr_warmup_steps").intValue())
                .weightDecay(golden.get("weight_decay").doubleValue())
                .maxGradNorm(golden.get("max_grad_norm").doubleValue())
                .epochs(1)
                .shuffle(false)
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics metrics) {
                        steps.add(metrics);
                    }
                })
                .build()
                .fit(GoldenBatches.demonstrations(tensors, "train."));
        assertEquals(golden.get("steps").size(), steps.size());
        for (int i = 0; i < steps.size(); i++) {
            JsonNode expected = golden.get("steps").get(i);
            StepMetrics actual = steps.get(i);
            close(expected, "loss", actual.loss(), i, tolerance);
            close(expected, "nll", actual.nll(), i, tolerance);
            close(expected, "grad_norm", actual.gradNorm(), i, tolerance);
            close(expected, "clip_fraction", actual.clipFraction(), i, tolerance);
            close(expected, "mean_ratio", actual.meanRatio(), i, tolerance);
            close(expected, "approx_kl", actual.approxKl(), i, tolerance);
            close(expected, "entropy", actual.entropy(), i, tolerance);
            close(expected, "lr", actual.lr(), i, tolerance);
            close(expected, "tokens", actual.tokens(), i, tolerance);
        }
    }

    private static void close(JsonNode expected, String field, double actual, int step, double tolerance) {
        double value = expected.get(field).doubleValue();
        assertEquals(value, actual, tolerance * Math.max(1, Math.abs(value)), field + " at step " + step);
    }

    @Override
    public String toString() {
        return dir.getFileName() + " " + type;
    }
}
