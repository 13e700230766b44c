package io.github.psft4j.model;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import io.github.psft4j.transformer.TokenEmbedding;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Models that are held in bfloat16 alone, to generate and score, beside the same weights in float. */
class GenerationModelsTest {

    @TempDir
    Path dir;

    static Stream<GoldenModel> models() throws Exception {
        return ModelGoldenTest.models().filter(golden -> golden.type() == DataType.FLOAT);
    }

    private Path inBf16(GoldenModel golden) {
        Path saved = dir.resolve("bf16");
        golden.load("").save(saved, DType.BF16);
        return saved;
    }

    /** Where the CPU has instructions for it, products round their other operand, too. */
    private static CausalLm inFloat(Path saved) {
        CausalLm model = CausalLm.load(saved);
        if (TensorOpsFactory.bf16Problem(DataType.FLOAT) == null) {
            model.setPrecision(Precision.BF16);
        }
        return model;
    }

    private static float[][] scores(CausalLm model, GoldenModel golden) {
        try (SafetensorsReader file = golden.golden()) {
            List<Demonstration> batch = GoldenBatches.demonstrations(file, "");
            return new Scorer(model, 2)
                    .score(batch).stream().map(TokenScores::logProbs).toArray(float[][]::new);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void scoresAndTextHaveTheBitsOfWeightsInFloat(GoldenModel golden) {
        Path saved = inBf16(golden);
        CausalLm narrow = GenerationModels.load(saved, Precision.BF16);
        CausalLm wide = inFloat(saved);
        assertEquals(Precision.BF16, narrow.precision());
        List<int[]> prompts = List.of(new int[] {1, 2, 3, 4, 5});
        GenerationConfig greedy = GenerationConfig.greedy(8);
        assertArrayEquals(
                wide.generate(prompts, greedy).get(0).logProbs(),
                narrow.generate(prompts, greedy).get(0).logProbs());
        assertArrayEquals(scores(wide, golden), scores(narrow, golden));
        narrow.setPrecision(Precision.F32);
        wide.setPrecision(Precision.F32);
        assertEquals(ModelFingerprint.of(wide), ModelFingerprint.of(narrow), "the same weights");
    }

    @ParameterizedTest
    @MethodSource("models")
    void matricesAreHeldInBf16AloneWhateverTheFilesHave(GoldenModel golden) {
        CausalLm model = GenerationModels.load(golden.dir(), Precision.BF16);
        CausalLm rounded = GenerationModels.load(inBf16(golden), Precision.BF16);
        assertEquals(DataType.BFLOAT16, table(model).dataType());
        assertExact(table(rounded), table(model), "rounded to the nearest");
        assertEquals(DataType.BFLOAT16, down(model).dataType());
        assertExact(down(rounded), down(model), "rounded to the nearest");
        assertTrue(model.trainedParameters() <= 2L * model.config().hiddenSize(), "the final norm is no matrix");
    }

    private static INDArray table(CausalLm model) {
        return DecoderGraph.weights(model.graph(), DecoderGraph.EMBEDDING).get(TokenEmbedding.TABLE);
    }

    private static INDArray down(CausalLm model) {
        return DecoderGraph.weights(model.graph(), 0).down().weight();
    }

    @ParameterizedTest
    @MethodSource("models")
    void theyAreNotTrainedOrSaved(GoldenModel golden) {
        CausalLm model = GenerationModels.load(golden.dir(), Precision.BF16);
        assertThrows(IllegalStateException.class, () -> model.save(dir.resolve("saved")));
        assertThrows(IllegalStateException.class, () -> model.restore(golden.dir()));
        try (SafetensorsReader file = golden.golden()) {
            List<Demonstration> batch = GoldenBatches.demonstrations(file, "");
            PsftTrainer trainer = PsftTrainer.builder(model)
                    .precision(Precision.F32)
                    .macroBatch(2)
                    .miniBatch(1)
                    .build();
            String message = assertThrows(IllegalStateException.class, () -> trainer.fit(batch))
                    .getMessage();
            assertTrue(message.contains("CausalLm.load"), message);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void otherPrecisionsLoadTheModelWhole(GoldenModel golden) {
        CausalLm whole = GenerationModels.load(golden.dir(), Precision.INT8);
        assertEquals(Precision.INT8, whole.precision());
        assertEquals(whole.config().parameters(), whole.trainedParameters());
        assertThrows(
                IllegalArgumentException.class,
                () -> GenerationModels.load(golden.dir(), null, DataType.DOUBLE, Precision.BF16));
    }
}
