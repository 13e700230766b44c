package io.github.psft4j.model;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.safetensors.SafetensorsWriter;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.DecoderConfigBuilder;
import io.github.psft4j.transformer.config.NormKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Hugging Face tensors are views that cover the flat parameters exactly once, whatever the sizes. */
class ModelTensorsTest {

    private static final Path GPT2 = Path.of("src/test/resources/golden/gpt2-tiny");

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

    /** GPT-2 as it was first published: names without the prefix, causal masks among the weights. */
    @Test
    void filesOfTheInnerModelLoadAsThoseOfTheWhole(@TempDir Path dir) throws Exception {
        CausalLm model = CausalLm.load(GPT2);
        Map<String, INDArray> bare = new TreeMap<>();
        model.tensors().forEach((name, tensor) -> bare.put(name.replace("transformer.", ""), tensor));
        bare.put("h.0.attn.bias", Nd4j.ones(1, 1, 64, 64));
        bare.put("h.1.attn.masked_bias", Nd4j.ones(1));
        Files.copy(GPT2.resolve("config.json"), dir.resolve("config.json"));
        SafetensorsWriter.write(dir.resolve("model.safetensors"), bare, DType.F32, Map.of());
        assertExact(model.graph().params(), CausalLm.load(dir).graph().params());
    }

    @Test
    void missingOrMisshapenTensorIsNamedWithItsFile(@TempDir Path dir) throws Exception {
        Files.copy(GPT2.resolve("config.json"), dir.resolve("config.json"));
        String name = "transformer.h.1.attn.c_attn.weight"; // [32, 96] in the file
        Map<String, INDArray> tensors = new TreeMap<>(CausalLm.load(GPT2).tensors());
        INDArray asLinear = tensors.get(name).transpose().dup('c');
        tensors.put(name, asLinear);
        SafetensorsWriter.write(dir.resolve("model.safetensors"), tensors, DType.F32, Map.of());
        ModelFormatException misshapen = assertThrows(ModelFormatException.class, () -> CausalLm.load(dir));
        assertTrue(misshapen.getMessage().contains("model.safetensors: tensor '" + name), misshapen.getMessage());
        assertTrue(misshapen.getMessage().contains("[96, 32], the model needs [32, 96]"), misshapen.getMessage());

        tensors.remove(name);
        SafetensorsWriter.write(dir.resolve("model.safetensors"), tensors, DType.F32, Map.of());
        ModelFormatException missing = assertThrows(ModelFormatException.class, () -> CausalLm.load(dir));
        assertTrue(missing.getMessage().contains(name), missing.getMessage());
        assertTrue(missing.getMessage().contains("model.safetensors"), missing.getMessage());
    }
}
