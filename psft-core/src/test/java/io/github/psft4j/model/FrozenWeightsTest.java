package io.github.psft4j.model;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.GoldenBatches;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.eval.TokenScores;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.Generator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Frozen weights of two bytes: what a model with an adapter computes does not change, where its files are in BF16. */
class FrozenWeightsTest {

    @TempDir
    Path dir;

    static Stream<GoldenModel> models() throws Exception {
        return LoraGoldenTest.models();
    }

    /** The golden adapter beside the golden base, rounded to BF16. */
    private Path rounded(GoldenModel golden) {
        Path base = dir.resolve("base");
        if (!Files.exists(base)) {
            CausalLm.load(golden.dir().resolve("base")).save(base, DType.BF16);
        }
        return base;
    }

    private CausalLm load(GoldenModel golden, FrozenType frozen) {
        return LoraModels.load(golden.dir().resolve("adapter"), rounded(golden), golden.type(), frozen);
    }

    private static void assumeFloatFiles(GoldenModel golden) {
        assumeTrue(
                CausalLm.load(golden.dir().resolve("base")).storedType() == DType.F32, "the files are in BF16 already");
    }

    private static DataType matrices(CausalLm lm) {
        return DecoderGraph.weights(lm.graph(), 0).qkv().weight().dataType();
    }

    private static float[][] logProbs(CausalLm lm, List<Demonstration> batch) {
        return new Scorer(lm, 2)
                .score(batch).stream().map(TokenScores::logProbs).toArray(float[][]::new);
    }

    @ParameterizedTest
    @MethodSource("models")
    void theFilesDecideUnlessToldOtherwise(GoldenModel golden) {
        assumeFloatFiles(golden);
        assertEquals(DataType.BFLOAT16, matrices(load(golden, FrozenType.AUTO)));
        assertEquals(golden.type(), matrices(load(golden, FrozenType.F32)));
        Path adapter = golden.dir().resolve("adapter");
        assertEquals(golden.type(), matrices(LoraModels.load(adapter, null, golden.type(), FrozenType.AUTO)));
        assertEquals(DataType.BFLOAT16, matrices(LoraModels.load(adapter, null, golden.type(), FrozenType.BF16)));
    }

    @ParameterizedTest
    @MethodSource("models")
    void noBitChangesInScoresTextAndTraining(GoldenModel golden) {
        CausalLm narrow = load(golden, FrozenType.BF16);
        CausalLm wide = load(golden, FrozenType.F32);
        assertEquals(ModelFingerprint.of(wide), ModelFingerprint.of(narrow));
        assertEquals(ModelFingerprint.ofBase(wide), ModelFingerprint.ofBase(narrow));
        same(golden, narrow, wide);
    }

    @ParameterizedTest
    @MethodSource("models")
    void noBitChangesInBf16Products(GoldenModel golden) {
        assumeTrue(TensorOpsFactory.bf16Problem(golden.type()) == null, "no bf16 products here");
        CausalLm narrow = load(golden, FrozenType.BF16);
        CausalLm wide = load(golden, FrozenType.F32);
        narrow.setPrecision(Precision.BF16);
        wide.setPrecision(Precision.BF16);
        same(golden, narrow, wide);
    }

    private static double[] samples(CausalLm lm, int[] prompt) {
        return new Generator(lm.graph(), lm.config())
                .sample(List.of(prompt), List.of(new long[] {1, 2, 3}), GenerationConfig.sample(8, 1, 0)).stream()
                        .flatMapToDouble(
                                one -> IntStream.range(0, one.logProbs().length).mapToDouble(i -> one.logProbs()[i]))
                        .toArray();
    }

    private static void same(GoldenModel golden, CausalLm narrow, CausalLm wide) {
        try (SafetensorsReader file = golden.golden()) {
            List<Demonstration> batch = GoldenBatches.demonstrations(file, "");
            float[][] expected = logProbs(wide, batch);
            float[][] actual = logProbs(narrow, batch);
            for (int b = 0; b < expected.length; b++) {
                assertArrayEquals(expected[b], actual[b], "log-probs");
            }
            int[] prompt = {1, 2, 3, 4, 5};
            GenerationConfig settings = GenerationConfig.greedy(8);
            assertArrayEquals(
                    wide.generate(List.of(prompt), settings).get(0).logProbs(),
                    narrow.generate(List.of(prompt), settings).get(0).logProbs(),
                    "text");
            assertArrayEquals(samples(wide, prompt), samples(narrow, prompt), "samples that share their prompt");
            train(wide, narrow.precision(), batch);
            train(narrow, narrow.precision(), batch);
            assertArrayEquals(
                    wide.graph().params().dup().data().asDouble(),
                    narrow.graph().params().dup().data().asDouble(),
                    "the trained adapter");
        }
    }

    private static void train(CausalLm lm, Precision precision, List<Demonstration> data) {
        PsftTrainer.builder(lm)
                .macroBatch(2)
                .miniBatch(1)
                .precision(precision)
                .learningRate(1e-2)
                .maxSteps(4)
                .build()
                .fit(data);
    }

    @ParameterizedTest
    @MethodSource("models")
    void theMergedModelIsThatOfWeightsInFloat(GoldenModel golden) {
        Map<String, INDArray> narrow =
                LoraModels.merged(load(golden, FrozenType.BF16)).tensors();
        Map<String, INDArray> wide =
                LoraModels.merged(load(golden, FrozenType.F32)).tensors();
        wide.forEach((name, weight) -> assertExact(weight, narrow.get(name), name));
    }

    /** Rounding a base whose files are in F32 must show, or the option would not do what it says. */
    @ParameterizedTest
    @MethodSource("models")
    void aBaseInFloatIsRoundedOnRequest(GoldenModel golden) {
        assumeFloatFiles(golden);
        Path adapter = golden.dir().resolve("adapter");
        CausalLm rounded = LoraModels.load(adapter, null, golden.type(), FrozenType.BF16);
        assertNotEquals(
                ModelFingerprint.of(LoraModels.load(adapter, null, golden.type())), ModelFingerprint.of(rounded));
        assertExact(
                DecoderGraph.weights(load(golden, FrozenType.AUTO).graph(), 1)
                        .gateUp()
                        .weight(),
                DecoderGraph.weights(rounded.graph(), 1).gateUp().weight());
    }
}
