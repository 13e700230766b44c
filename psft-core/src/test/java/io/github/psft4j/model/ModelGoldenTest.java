package io.github.psft4j.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.GoldenBatches;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.eval.TokenScores;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.loss.PsftLoss;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.transformer.config.RopeScaling;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tiny random models against transformers and PyTorch autograd: logits, log-probs, entropies, every gradient of both
 * losses, greedy generation, and twelve optimizer steps of PSFT (3 macro-batches, K = 4) with every metric and the
 * final weights.
 *
 * <p>The models are the folders of {@value #FOLDER_PROPERTY} (default: the test resources) that hold
 * {@code golden.safetensors}.
 */
class ModelGoldenTest {

    static final String FOLDER_PROPERTY = "psft.golden.models";

    private static final Logger LOG = LoggerFactory.getLogger(ModelGoldenTest.class);
    private static final double TOLERANCE = 1e-4;
    private static final double TRAJECTORY_TOLERANCE = 1e-3;

    /** A model folder and the type of its parameters. */
    record Case(Path dir, DataType type) {

        SafetensorsReader golden() {
            return SafetensorsReader.open(dir.resolve("golden.safetensors"));
        }

        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(dir.resolve("golden.json").toFile());
        }

        CausalLm load() {
            return CausalLm.load(dir, type);
        }

        void log(String what, double deviation) {
            LOG.info("{} {}: largest deviation of {} {}", dir.getFileName(), type, what, (float) deviation);
        }

        @Override
        public String toString() {
            return dir.getFileName() + " " + type;
        }
    }

    static Stream<Case> models() throws IOException {
        Path folder = Path.of(System.getProperty(FOLDER_PROPERTY, "src/test/resources/golden"));
        try (Stream<Path> dirs = Files.list(folder)) {
            List<Path> models = dirs.filter(dir -> Files.exists(dir.resolve("golden.safetensors")))
                    .sorted()
                    .toList();
            assertTrue(!models.isEmpty(), "no golden models in " + folder.toAbsolutePath());
            return models.stream()
                    .flatMap(dir -> Stream.of(new Case(dir, DataType.FLOAT), new Case(dir, DataType.DOUBLE)));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void logitsEqualTransformers(Case model) {
        try (SafetensorsReader golden = model.golden()) {
            INDArray ids = GoldenBatches.batch(golden, 1, model.type()).getFeatures(0); // [B, T]
            float[] actual =
                    model.load().graph().output(false, ids)[0].dup('c').data().asFloat(); // [B, T, V]
            float[] expected = golden.readFloats("logits");
            int[] attention = golden.readInts("attention_mask");
            int vocabulary = expected.length / attention.length;
            double worst = 0;
            for (int i = 0; i < expected.length; i++) {
                if (attention[i / vocabulary] == 1) {
                    assertEquals(expected[i], actual[i], TOLERANCE, "logit " + i);
                    worst = Math.max(worst, Math.abs(expected[i] - actual[i]));
                }
            }
            model.log("logits", worst);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void tokenLogProbsAndEntropiesEqualTransformers(Case model) {
        try (SafetensorsReader golden = model.golden()) {
            CausalLm lm = model.load();
            List<Demonstration> batch = GoldenBatches.demonstrations(golden, "");
            assumeFixedFrequencies(lm, golden);
            float[] logProbs = golden.readFloats("token_logprob"); // [B, T - 1]
            float[] entropies = golden.readFloats("token_entropy");
            int width = logProbs.length / batch.size();
            List<TokenScores> scores = new Scorer(lm, 2).score(batch);
            for (int b = 0; b < batch.size(); b++) {
                for (int t = 0; t < batch.get(b).length() - 1; t++) {
                    assertEquals(logProbs[b * width + t], scores.get(b).logProbs()[t], TOLERANCE);
                    assertEquals(entropies[b * width + t], scores.get(b).entropies()[t], TOLERANCE);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyParameterGradientOfBothLossesEqualsAutograd(Case model) throws Exception {
        CausalLm lm = model.load();
        try (SafetensorsReader golden = model.golden()) {
            compareGradients(lm, new TokenLoss(new SftObjective()), "sft", model, golden);
            compareGradients(lm, new PsftLoss(), "psft", model, golden);
        }
    }

    private static void compareGradients(CausalLm lm, TokenLoss loss, String tag, Case model, SafetensorsReader golden)
            throws IOException {
        JsonNode json = model.json();
        lm.setLoss(loss);
        boolean psft = tag.equals("psft");
        MultiDataSet batch = GoldenBatches.batch(golden, psft ? 2 : 1, model.type());
        lm.graph().setInputs(batch.getFeatures());
        lm.graph().setLabels(batch.getLabels());
        lm.graph().setLayerMaskArrays(null, batch.getLabelsMaskArrays());
        lm.graph().computeGradientAndScore();

        assertEquals(json.get(tag + "_loss").doubleValue(), lm.graph().score(), 5e-5);
        if (psft) {
            assertEquals(
                    json.get("psft_clip_fraction").doubleValue(), loss.report().clipFraction(), 1e-6);
            assertEquals(
                    json.get("psft_mean_ratio").doubleValue(), loss.report().meanRatio(), TOLERANCE);
        }
        assertEquals(json.get("entropy").doubleValue(), loss.report().entropy(), TOLERANCE);
        double[] worst = new double[1];
        lm.tensors(lm.graph().getFlattenedGradients()).forEach((name, gradient) -> {
            float[] expected = golden.readFloats("grad." + tag + "." + name);
            float[] actual = gradient.dup('c').data().asFloat();
            float max = 0;
            for (float e : expected) {
                max = Math.max(max, Math.abs(e));
            }
            // The gradient of a key bias is zero in exact arithmetic: softmax ignores what all scores of a query share.
            float allowed = (float) Math.max(TOLERANCE * max, 1e-8);
            assertArrayEquals(expected, actual, allowed, tag + " " + name);
            for (int i = 0; i < expected.length && max > 1e-6; i++) {
                worst[0] = Math.max(worst[0], Math.abs(expected[i] - actual[i]) / max);
            }
        });
        model.log(tag + " gradients (relative)", worst[0]);
    }

    @ParameterizedTest
    @MethodSource("models")
    void greedyGenerationEqualsTransformers(Case model) {
        try (SafetensorsReader golden = model.golden()) {
            int[] expected = golden.readInts("greedy"); // prompt of 5, 16 new
            int[] prompt = Arrays.copyOf(expected, 5);
            assertArrayEquals(
                    expected,
                    model.load()
                            .generate(List.of(prompt), GenerationConfig.greedy(expected.length - 5))
                            .get(0)
                            .tokens());
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void trainerFollowsPyTorchStepByStep(Case model) throws Exception {
        JsonNode golden = model.json().get("trajectory");
        CausalLm lm = model.load();
        List<StepMetrics> steps = new ArrayList<>();
        try (SafetensorsReader tensors = model.golden()) {
            assumeFixedFrequencies(lm, tensors);
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
            compareSteps(golden.get("steps"), steps);
            double[] worst = new double[1];
            lm.tensors().forEach((name, tensor) -> {
                float[] expected = tensors.readFloats("final." + name);
                float[] actual = tensor.dup('c').data().asFloat();
                for (int i = 0; i < expected.length; i++) {
                    worst[0] = Math.max(worst[0], Math.abs(expected[i] - actual[i]));
                    assertEquals(expected[i], actual[i], TRAJECTORY_TOLERANCE, name + "[" + i + "]");
                }
            });
            model.log("final weights", worst[0]);
        }
    }

    private static void compareSteps(JsonNode expected, List<StepMetrics> steps) {
        assertEquals(expected.size(), steps.size());
        for (int i = 0; i < steps.size(); i++) {
            StepMetrics actual = steps.get(i);
            close(expected.get(i), "loss", actual.loss(), i);
            close(expected.get(i), "nll", actual.nll(), i);
            close(expected.get(i), "grad_norm", actual.gradNorm(), i);
            close(expected.get(i), "clip_fraction", actual.clipFraction(), i);
            close(expected.get(i), "mean_ratio", actual.meanRatio(), i);
            close(expected.get(i), "approx_kl", actual.approxKl(), i);
            close(expected.get(i), "entropy", actual.entropy(), i);
            close(expected.get(i), "lr", actual.lr(), i);
            close(expected.get(i), "tokens", actual.tokens(), i);
        }
    }

    private static void close(JsonNode expected, String field, double actual, int step) {
        double value = expected.get(field).doubleValue();
        assertEquals(value, actual, TRAJECTORY_TOLERANCE * Math.max(1, Math.abs(value)), field + " at step " + step);
    }

    /**
     * Beyond its positions, dynamic RoPE depends on the padded length of a batch, which the reference loop chose
     * differently.
     */
    private static void assumeFixedFrequencies(CausalLm lm, SafetensorsReader golden) {
        long time = golden.info("input_ids").shape()[1];
        assumeFalse(
                lm.config().ropeScaling().kind() == RopeScaling.Kind.DYNAMIC
                        && time > lm.config().maxPositions(),
                "frequencies depend on the padding");
    }
}
