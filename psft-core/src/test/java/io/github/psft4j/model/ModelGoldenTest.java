package io.github.psft4j.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.GoldenBatches;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.eval.TokenScores;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.loss.PsftLoss;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.config.RopeScaling;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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

    private static void log(GoldenModel model, String what, double deviation) {
        LOG.info("{}: largest deviation of {} {}", model, what, (float) deviation);
    }

    static Stream<GoldenModel> models() throws IOException {
        return GoldenModel.in(FOLDER_PROPERTY, "src/test/resources/golden");
    }

    @ParameterizedTest
    @MethodSource("models")
    void logitsEqualTransformers(GoldenModel model) {
        try (SafetensorsReader golden = model.golden()) {
            INDArray ids = GoldenBatches.batch(golden, 1, model.type()).getFeatures(0); // [B, T]
            float[] actual =
                    model.load("").graph().output(false, ids)[0].dup('c').data().asFloat(); // [B, T, V]
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
            log(model, "logits", worst);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void tokenLogProbsAndEntropiesEqualTransformers(GoldenModel model) {
        try (SafetensorsReader golden = model.golden()) {
            CausalLm lm = model.load("");
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
    void everyParameterGradientOfBothLossesEqualsAutograd(GoldenModel model) throws Exception {
        CausalLm lm = model.load("");
        try (SafetensorsReader golden = model.golden()) {
            compareGradients(lm, new TokenLoss(new SftObjective()), "sft", model, golden);
            compareGradients(lm, new PsftLoss(), "psft", model, golden);
        }
    }

    private static void compareGradients(
            CausalLm lm, TokenLoss loss, String tag, GoldenModel model, SafetensorsReader golden) throws IOException {
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
        log(model, tag + " gradients (relative)", worst[0]);
    }

    @ParameterizedTest
    @MethodSource("models")
    void greedyGenerationEqualsTransformers(GoldenModel model) {
        try (SafetensorsReader golden = model.golden()) {
            int[] expected = golden.readInts("greedy"); // prompt of 5, 16 new
            int[] prompt = Arrays.copyOf(expected, 5);
            assertArrayEquals(
                    expected,
                    model.load("")
                            .generate(List.of(prompt), GenerationConfig.greedy(expected.length - 5))
                            .get(0)
                            .tokens());
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void trainerFollowsPyTorchStepByStep(GoldenModel model) throws Exception {
        CausalLm lm = model.load("");
        try (SafetensorsReader tensors = model.golden()) {
            assumeFixedFrequencies(lm, tensors);
            model.train(lm, tensors, TRAJECTORY_TOLERANCE);
            double[] worst = new double[1];
            lm.tensors().forEach((name, tensor) -> {
                float[] expected = tensors.readFloats("final." + name);
                float[] actual = tensor.dup('c').data().asFloat();
                for (int i = 0; i < expected.length; i++) {
                    worst[0] = Math.max(worst[0], Math.abs(expected[i] - actual[i]));
                    assertEquals(expected[i], actual[i], TRAJECTORY_TOLERANCE, name + "[" + i + "]");
                }
            });
            log(model, "final weights", worst[0]);
        }
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
