package io.github.psft4j.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.transformer.DecoderConfig;
import io.github.psft4j.transformer.DecoderConfigBuilder;
import io.github.psft4j.transformer.NormKind;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Hugging Face tensors are views that cover the flat parameters exactly once, whatever the sizes. */
class ModelTensorsTest {

    @Test
    void tensorsPartitionTheParametersForAnyShape() {
        Random random = new Random(2);
        for (int i = 0; i < 60; i++) {
            DecoderConfig config = random(random);
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

    private static DecoderConfig random(Random random) {
        int heads = 1 << random.nextInt(3);
        DecoderConfigBuilder builder = DecoderConfig.builder()
                .vocabSize(2 + random.nextInt(60))
                .heads(heads)
                .hiddenSize(heads * (1 + random.nextInt(10)))
                .intermediateSize(1 + random.nextInt(90))
                .layers(1 + random.nextInt(3))
                .maxPositions(1 + random.nextInt(20))
                .tiedEmbeddings(random.nextBoolean());
        boolean attentionBias = random.nextBoolean();
        return switch (random.nextInt(4)) {
            case 0 ->
                rotary(builder, heads, random)
                        .qkvBias(attentionBias)
                        .attentionOutBias(attentionBias)
                        .mlpBias(random.nextBoolean())
                        .build();
            case 1 -> rotary(builder, heads, random).qkvBias(true).build();
            case 2 ->
                rotary(builder, heads, random)
                        .qkNorm(true)
                        .qkvBias(attentionBias)
                        .attentionOutBias(attentionBias)
                        .build();
            default ->
                builder.norm(NormKind.LAYER)
                        .learnedPositions(true)
                        .qkvBias(true)
                        .attentionOutBias(true)
                        .mlpBias(true)
                        .gatedMlp(false)
                        .scaledResidualInit(true)
                        .build();
        };
    }

    private static DecoderConfigBuilder rotary(DecoderConfigBuilder builder, int heads, Random random) {
        return builder.kvHeads(1 << random.nextInt(1 + Integer.numberOfTrailingZeros(heads)))
                .headDim(2 * (1 + random.nextInt(8)));
    }
}
