package io.github.psft4j.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.GoldenBatches;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.eval.TokenScores;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.loss.PsftLoss;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * Tiny random models with adapters against PEFT: logits, log-probs, every gradient of both losses, generation, merging,
 * twelve optimizer steps of PSFT, and the files.
 *
 * <p>The models are the folders of {@value #FOLDER_PROPERTY} (default: the test resources) that hold
 * {@code golden.safetensors}.
 */
class LoraGoldenTest {

    static final String FOLDER_PROPERTY = "psft.golden.lora";

    private static final double TOLERANCE = 1e-4;
    private static final double TRAJECTORY_TOLERANCE = 2e-4;

    @TempDir
    Path dir;

    static Stream<GoldenModel> models() throws IOException {
        return GoldenModel.in(FOLDER_PROPERTY, "src/test/resources/golden-lora");
    }

    @ParameterizedTest
    @MethodSource("models")
    void adapterBesideTheModelAndMergedModelGiveTheLogitsOfPeft(GoldenModel model) {
        try (SafetensorsReader golden = model.golden()) {
            CausalLm lm = model.load("adapter");
            compareLogits(lm, "", golden, model.type());
            CausalLm merged = LoraModels.merged(lm);
            compareLogits(merged, "merged.", golden, model.type());
            merged.tensors().forEach((name, tensor) -> {
                if (golden.names().contains("merged." + name)) {
                    assertArrayEquals(
                            golden.readFloats("merged." + name),
                            tensor.dup('c').data().asFloat(),
                            1e-6f,
                            name);
                }
            });
        }
    }

    private static void compareLogits(CausalLm lm, String prefix, SafetensorsReader golden, DataType type) {
        INDArray ids = GoldenBatches.batch(golden, 1, type).getFeatures(0); // [B, T]
        float[] actual = lm.graph().output(false, ids)[0].dup('c').data().asFloat(); // [B, T, V]
        float[] expected = golden.readFloats(prefix + "logits");
        int[] attention = golden.readInts("attention_mask");
        int vocabulary = expected.length / attention.length;
        for (int i = 0; i < expected.length; i++) {
            if (attention[i / vocabulary] == 1) {
                assertEquals(expected[i], actual[i], TOLERANCE, prefix + "logit " + i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void switchedOffTheAdapterLeavesTheBase(GoldenModel model) {
        try (SafetensorsReader golden = model.golden()) {
            CausalLm lm = model.load("adapter");
            List<Demonstration> batch = GoldenBatches.demonstrations(golden, "");
            compareScores(lm, batch, golden.readFloats("token_logprob"));
            assumeTrue(LoraModels.holdsBase(lm), "norms or modules are trained whole, so that the base is not there");
            LoraModels.switchAdapter(lm, false);
            compareScores(lm, batch, golden.readFloats("base.token_logprob"));
            CausalLm base = CausalLm.load(model.dir().resolve("base"), model.type());
            float[][] off = logProbs(lm, batch);
            float[][] plain = logProbs(base, batch);
            for (int b = 0; b < off.length; b++) {
                assertArrayEquals(plain[b], off[b], "the base bit for bit");
            }
            LoraModels.switchAdapter(lm, true);
            compareScores(lm, batch, golden.readFloats("token_logprob"));
        }
    }

    private static float[][] logProbs(CausalLm lm, List<Demonstration> batch) {
        return new Scorer(lm, 2)
                .score(batch).stream().map(TokenScores::logProbs).toArray(float[][]::new);
    }

    private static void compareScores(CausalLm lm, List<Demonstration> batch, float[] expected) {
        int width = expected.length / batch.size();
        float[][] actual = logProbs(lm, batch);
        for (int b = 0; b < batch.size(); b++) {
            for (int t = 0; t < batch.get(b).length() - 1; t++) {
                assertEquals(expected[b * width + t], actual[b][t], TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyGradientOfBothLossesEqualsAutograd(GoldenModel model) throws Exception {
        CausalLm lm = model.load("adapter");
        try (SafetensorsReader golden = model.golden()) {
            compareGradients(lm, new TokenLoss(new SftObjective()), "sft", model, golden);
            compareGradients(lm, new PsftLoss(), "psft", model, golden);
        }
    }

    private static void compareGradients(
            CausalLm lm, TokenLoss loss, String tag, GoldenModel model, SafetensorsReader golden) throws IOException {
        lm.setLoss(loss);
        MultiDataSet batch = GoldenBatches.batch(golden, tag.equals("psft") ? 2 : 1, model.type());
        lm.graph().setInputs(batch.getFeatures());
        lm.graph().setLabels(batch.getLabels());
        lm.graph().setLayerMaskArrays(null, batch.getLabelsMaskArrays());
        lm.graph().computeGradientAndScore();
        assertEquals(model.json().get(tag + "_loss").doubleValue(), lm.graph().score(), TOLERANCE);
        Map<String, INDArray> gradients = lm.tensors(lm.graph().getFlattenedGradients());
        assertEquals(
                golden.names().stream().filter(n -> n.startsWith("grad." + tag)).count(), gradients.size());
        gradients.forEach((name, gradient) -> {
            float[] expected = golden.readFloats("grad." + tag + "." + name);
            float max = 0;
            for (float e : expected) {
                max = Math.max(max, Math.abs(e));
            }
            assertArrayEquals(
                    expected,
                    gradient.dup('c').data().asFloat(),
                    (float) Math.max(TOLERANCE * max, 1e-8),
                    tag + " " + name);
        });
    }

    @ParameterizedTest
    @MethodSource("models")
    void greedyGenerationEqualsPeft(GoldenModel model) {
        try (SafetensorsReader golden = model.golden()) {
            CausalLm lm = model.load("adapter");
            assertArrayEquals(golden.readInts("greedy"), greedy(lm, golden.readInts("greedy")));
            assertArrayEquals(
                    golden.readInts("merged.greedy"), greedy(LoraModels.merged(lm), golden.readInts("merged.greedy")));
        }
    }

    private static int[] greedy(CausalLm lm, int[] expected) {
        return lm.generate(List.of(Arrays.copyOf(expected, 5)), GenerationConfig.greedy(expected.length - 5))
                .get(0)
                .tokens();
    }

    @ParameterizedTest
    @MethodSource("models")
    void trainerFollowsPeftStepByStep(GoldenModel model) throws Exception {
        CausalLm lm = model.load("adapter-init");
        try (SafetensorsReader tensors = model.golden()) {
            model.train(lm, tensors, TRAJECTORY_TOLERANCE);
            lm.tensors()
                    .forEach((name, tensor) -> assertArrayEquals(
                            tensors.readFloats("final." + name),
                            tensor.dup('c').data().asFloat(),
                            (float) TRAJECTORY_TOLERANCE,
                            name));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void anAdapterThatWasReadIsWrittenWithTheSameBytes(GoldenModel model) throws Exception {
        Path given = model.dir().resolve("adapter");
        model.load("adapter").save(dir);
        assertArrayEquals(
                Files.readAllBytes(given.resolve("adapter_model.safetensors")),
                Files.readAllBytes(dir.resolve("adapter_model.safetensors")));
        assertEquals(
                Files.readString(given.resolve("adapter_config.json")),
                Files.readString(dir.resolve("adapter_config.json")));
    }

    @ParameterizedTest
    @MethodSource("models")
    void aFreshAdapterComputesTheBaseBitForBit(GoldenModel model) {
        Path base = model.dir().resolve("base");
        try (SafetensorsReader golden = model.golden()) {
            List<Demonstration> batch = GoldenBatches.demonstrations(golden, "");
            CausalLm lm = LoraModels.fresh(base, LoraConfig.of(4, 16), model.type(), 7);
            float[][] fresh = logProbs(lm, batch);
            float[][] plain = logProbs(CausalLm.load(base, model.type()), batch);
            for (int b = 0; b < fresh.length; b++) {
                assertArrayEquals(plain[b], fresh[b]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void ranksAndScalingsOfModulesAreThoseOfPeft(GoldenModel model) throws Exception {
        LoraConfig lora = LoraModels.settings(model.load("adapter")).orElseThrow();
        Map<String, String> expected = new TreeMap<>();
        Map<String, String> actual = new TreeMap<>();
        model.json().get("adapted").fields().forEachRemaining(module -> {
            expected.put(
                    module.getKey(),
                    module.getValue().get("r").intValue() + " "
                            + module.getValue().get("scaling").doubleValue());
            actual.put(module.getKey(), lora.rank(module.getKey()) + " " + lora.scaling(module.getKey()));
        });
        assertEquals(expected, actual);
    }
}
