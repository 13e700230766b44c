package io.github.psft4j.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.GoldenBatches;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Running blocks again instead of keeping their activations. */
class RecomputeTest {

    @ParameterizedTest
    @CsvSource({"llama-tiny, FLOAT", "qwen3-tiny, FLOAT", "gpt2-tiny, DOUBLE"})
    void gradientIsTheSameBitForBit(String name, DataType type) throws Exception {
        Path dir = Path.of("src/test/resources/golden", name);
        CausalLm whole = CausalLm.load(dir, type);
        CausalLm adapted = LoraModels.fresh(dir, LoraConfig.of(4, 8), type, 3);
        adapted.graph().params().addi(0.01); // B is zero at first, and so is the gradient of A
        try (SafetensorsReader golden = SafetensorsReader.open(dir.resolve("golden.safetensors"))) {
            MultiDataSet batch = GoldenBatches.batch(golden, 1, type);
            for (CausalLm model : new CausalLm[] {whole, adapted}) {
                float[] kept = gradient(model, batch);
                double score = model.graph().score();
                DecoderGraph.setRecompute(model.graph(), true);
                assertArrayEquals(kept, gradient(model, batch));
                assertEquals(score, model.graph().score());
            }
        }
    }

    /** Norms of a large pass are not kept, and computed again without the rest. */
    @Test
    void normsThatAreTooManyToKeepAreTheSameBitForBit() throws Exception {
        Path dir = Path.of("src/test/resources/golden/llama-tiny");
        CausalLm model = CausalLm.load(dir, DataType.FLOAT);
        try (SafetensorsReader golden = SafetensorsReader.open(dir.resolve("golden.safetensors"))) {
            MultiDataSet one = GoldenBatches.batch(golden, 1, DataType.FLOAT);
            long tokens = one.getFeatures(0).length();
            MultiDataSet many = GoldenBatches.repeated(one, (int) (70_000 / tokens));
            assertTrue(BlockForward.State.keepsNorms(model.config(), tokens));
            assertFalse(BlockForward.State.keepsNorms(
                    model.config(), many.getFeatures(0).length()));
            float[] again = gradient(model, many);
            DecoderGraph.setRecompute(model.graph(), true);
            assertArrayEquals(again, gradient(model, many));
        }
    }

    private static float[] gradient(CausalLm model, MultiDataSet batch) throws Exception {
        model.graph().setInputs(batch.getFeatures());
        model.graph().setLabels(batch.getLabels());
        model.graph().setLayerMaskArrays(null, batch.getLabelsMaskArrays());
        model.graph().computeGradientAndScore();
        return model.graph().getFlattenedGradients().dup().data().asFloat();
    }
}
