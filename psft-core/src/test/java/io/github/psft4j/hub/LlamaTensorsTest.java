package io.github.psft4j.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.transformer.DecoderConfig;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Hugging Face tensors are views that cover the flat parameters exactly once, whatever the sizes. */
class LlamaTensorsTest {

    @Test
    void tensorsPartitionTheParametersForAnyShape() {
        Random random = new Random(2);
        for (int i = 0; i < 60; i++) {
            int heads = 1 << random.nextInt(3);
            DecoderConfig config = DecoderConfig.builder()
                    .vocabSize(2 + random.nextInt(60))
                    .heads(heads)
                    .kvHeads(1 << random.nextInt(1 + Integer.numberOfTrailingZeros(heads)))
                    .headDim(2 * (1 + random.nextInt(8)))
                    .hiddenSize(1 + random.nextInt(40))
                    .intermediateSize(1 + random.nextInt(90))
                    .layers(1 + random.nextInt(3))
                    .tiedEmbeddings(random.nextBoolean())
                    .build();
            CausalLm model = CausalLm.create(config, null, i);
            INDArray flat = model.graph().params();
            assertEquals(config.parameters(), flat.length(), config.toString());
            flat.assign(0);
            model.tensors().values().forEach(tensor -> tensor.addi(1));
            assertEquals(1, flat.minNumber().doubleValue(), config.toString());
            assertEquals(1, flat.maxNumber().doubleValue(), config.toString());
            model.tensors(flat).values().forEach(tensor -> tensor.addi(1));
            assertEquals(2, flat.minNumber().doubleValue(), config.toString());
            assertEquals(2, flat.maxNumber().doubleValue(), config.toString());
        }
    }
}
