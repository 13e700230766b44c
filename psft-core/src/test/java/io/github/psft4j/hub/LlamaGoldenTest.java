package io.github.psft4j.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.GoldenBatches;
import io.github.psft4j.data.Demonstration;
import io.github.psft4j.data.PaddedBatch;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.eval.TokenScores;
import io.github.psft4j.loss.PsftLoss;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.GenerationConfig;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A tiny random Llama against transformers and PyTorch autograd: forward, both losses, every gradient, greedy
 * generation.
 */
class LlamaGoldenTest {

    private static final Path DIR = Path.of("src/test/resources/golden/llama-tiny");
    private static final double TOLERANCE = 1e-4;

    private final SafetensorsReader golden = SafetensorsReader.open(DIR.resolve("golden.safetensors"));

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void logitsEqualTransformers(DataType type) {
        CausalLm model = CausalLm.load(DIR, type);
        INDArray ids = ids("input_ids").castTo(type); // [3, 24]
        INDArray logits = model.graph().output(false, ids)[0]; // [3, 24, 97]
        float[] expected = golden.readFloats("logits");
        int[] attention = golden.readInts("attention_mask");
        float[] actual = logits.dup('c').data().asFloat();
        for (int i = 0; i < expected.length; i++) {
            if (attention[i / 97] == 1) {
                assertEquals(expected[i], actual[i], TOLERANCE, "logit " + i);
            }
        }
    }

    @Test
    void tokenLogProbsAndEntropiesEqualTransformers() {
        CausalLm model = CausalLm.load(DIR);
        float[] logProbs = golden.readFloats("token_logprob"); // [3, 23]
        float[] entropies = golden.readFloats("token_entropy");
        List<Demonstration> batch = GoldenBatches.demonstrations(golden, "");
        List<TokenScores> scores = new Scorer(model, 2).score(batch);
        for (int b = 0; b < batch.size(); b++) {
            for (int t = 0; t < batch.get(b).length() - 1; t++) {
                assertEquals(logProbs[b * 23 + t], scores.get(b).logProbs()[t], TOLERANCE);
                assertEquals(entropies[b * 23 + t], scores.get(b).entropies()[t], TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void everyParameterGradientOfBothLossesEqualsAutograd(DataType type) throws Exception {
        JsonNode json = new ObjectMapper().readTree(DIR.resolve("golden.json").toFile());
        CausalLm model = CausalLm.load(DIR, type);
        compareGradients(model, new TokenLoss(new SftObjective()), 1, "sft", json);
        compareGradients(model, new PsftLoss(), 2, "psft", json);
    }

    private void compareGradients(CausalLm model, TokenLoss loss, int channels, String tag, JsonNode json) {
        model.setLoss(loss);
        MultiDataSet batch = PaddedBatch.of(GoldenBatches.demonstrations(golden, ""), channels);
        if (channels == 2) {
            float[] old = golden.readFloats("old_logprob"); // [3, 23]
            for (int i = 0; i < old.length; i++) {
                batch.getLabels(0).putScalar(new int[] {i / 23, 1, i % 23}, old[i]);
            }
        }
        model.graph()
                .setInputs(batch.getFeatures(0).castTo(model.graph().params().dataType()));
        model.graph().setLabels(batch.getLabels(0));
        model.graph().setLayerMaskArrays(null, batch.getLabelsMaskArrays());
        model.graph().computeGradientAndScore();

        assertEquals(json.get(tag + "_loss").doubleValue(), model.graph().score(), 1e-5 * 5);
        if (channels == 2) {
            assertEquals(
                    json.get("psft_clip_fraction").doubleValue(), loss.report().clipFraction(), 1e-6);
            assertEquals(
                    json.get("psft_mean_ratio").doubleValue(), loss.report().meanRatio(), TOLERANCE);
        }
        assertEquals(json.get("entropy").doubleValue(), loss.report().entropy(), TOLERANCE);
        model.tensors(model.graph().getFlattenedGradients()).forEach((name, gradient) -> {
            float[] expected = golden.readFloats("grad." + tag + "." + name);
            float[] actual = gradient.dup('c').data().asFloat();
            float max = 0;
            for (float e : expected) {
                max = Math.max(max, Math.abs(e));
            }
            assertArrayEquals(expected, actual, (float) (TOLERANCE * max), tag + " " + name);
        });
    }

    @Test
    void greedyGenerationEqualsTransformers() {
        CausalLm model = CausalLm.load(DIR);
        int[] expected = golden.readInts("greedy"); // prompt of 5, 16 new
        int[] prompt = java.util.Arrays.copyOf(expected, 5);
        assertArrayEquals(
                expected,
                model.generate(List.of(prompt), GenerationConfig.greedy(16))
                        .get(0)
                        .tokens());
    }

    private INDArray ids(String name) {
        int[] values = golden.readInts(name);
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = values[i];
        }
        return Nd4j.create(floats, golden.info(name).shape(), 'c');
    }
}
