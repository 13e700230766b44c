package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.GoldenBatches;
import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.hub.SafetensorsReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Twelve optimizer steps of PSFT (3 macro-batches, K = 4) against a PyTorch loop: every metric of every step, and the
 * final weights.
 */
class TrajectoryGoldenTest {

    private static final Path DIR = Path.of("src/test/resources/golden/llama-tiny");
    private static final double TOLERANCE = 1e-3;

    @ParameterizedTest
    @ValueSource(strings = {"FLOAT", "DOUBLE"})
    void trainerFollowsPyTorchStepByStep(String type) throws Exception {
        JsonNode golden =
                new ObjectMapper().readTree(DIR.resolve("golden.json").toFile()).get("trajectory");
        CausalLm model = CausalLm.load(DIR, DataType.valueOf(type));
        List<StepMetrics> steps = new ArrayList<>();
        try (SafetensorsReader tensors = SafetensorsReader.open(DIR.resolve("golden.safetensors"))) {
            PsftTrainer.builder(model)
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

            assertEquals(12, steps.size());
            for (int i = 0; i < steps.size(); i++) {
                JsonNode expected = golden.get("steps").get(i);
                StepMetrics actual = steps.get(i);
                close(expected, "loss", actual.loss(), i);
                close(expected, "nll", actual.nll(), i);
                close(expected, "grad_norm", actual.gradNorm(), i);
                close(expected, "clip_fraction", actual.clipFraction(), i);
                close(expected, "mean_ratio", actual.meanRatio(), i);
                close(expected, "approx_kl", actual.approxKl(), i);
                close(expected, "entropy", actual.entropy(), i);
                close(expected, "lr", actual.lr(), i);
                close(expected, "tokens", actual.tokens(), i);
            }
            model.tensors().forEach((name, tensor) -> {
                float[] expected = tensors.readFloats("final." + name);
                float[] actual = tensor.dup('c').data().asFloat();
                for (int i = 0; i < expected.length; i++) {
                    assertEquals(expected[i], actual[i], TOLERANCE, name + "[" + i + "]");
                }
            });
        }
    }

    private static void close(JsonNode expected, String field, double actual, int step) {
        double value = expected.get(field).doubleValue();
        assertEquals(value, actual, TOLERANCE * Math.max(1, Math.abs(value)), field + " at step " + step);
    }
}
