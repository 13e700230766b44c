package io.github.psft4j.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.transformer.DecoderConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** config.json: both generations are read, what is not supported is refused by name, a damaged model never loads. */
class LlamaConfigFileTest {

    private static final Path STORIES = Path.of("src/test/resources/models/stories260K");

    @TempDir
    private Path dir;

    private String config() throws Exception {
        return Files.readString(STORIES.resolve("config.json"));
    }

    private DecoderConfig read(String json) throws Exception {
        Files.writeString(dir.resolve("config.json"), json);
        return LlamaConfigFile.read(dir).toDecoderConfig();
    }

    @Test
    void bothGenerationsOfRopeSettingsAreRead() throws Exception {
        assertEquals(10_000, read(config()).ropeTheta());
        String next = config().replace("\"rope_theta\": 10000.0", "\"rope_parameters\": {\"rope_theta\": 5e5}");
        assertEquals(500_000, read(next).ropeTheta());
    }

    @Test
    void freshFileReadsBackAsTheSameConfiguration() throws Exception {
        DecoderConfig config = DecoderConfig.builder()
                .vocabSize(50)
                .hiddenSize(32)
                .intermediateSize(40)
                .layers(3)
                .heads(4)
                .kvHeads(2)
                .headDim(16)
                .maxPositions(77)
                .rmsNormEps(1e-6)
                .ropeTheta(1234)
                .tiedEmbeddings(true)
                .initializerRange(0.03)
                .eosTokenId(2)
                .build();
        assertEquals(config, read(LlamaConfigFile.of(config).toJson()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"LlamaForCausalLM\" | \"GPT2LMHeadModel\" | architectures = GPT2LMHeadModel",
                "\"hidden_act\": \"silu\" | \"hidden_act\": \"gelu\" | hidden_act = \"gelu\"",
                "\"attention_bias\": false | \"attention_bias\": true | attention_bias = true",
                "\"attention_bias\": false | \"mlp_bias\": true | mlp_bias = true",
                "\"attention_bias\": false | \"rope_scaling\": {\"type\": \"linear\"} | rope_scaling = {\"type\":\"linear\"}",
                "\"attention_bias\": false | \"rope_parameters\": {\"rope_type\": \"llama3\"} | rope_type = llama3",
                "\"attention_bias\": false | \"quantization_config\": {\"bits\": 4} | quantization_config = {\"bits\":4}",
                "\"vocab_size\": 512 | \"vocab_size\": \"many\" | vocab_size must be a whole number, was \"many\"",
                "\"num_hidden_layers\": 5, | | num_hidden_layers must be a whole number, was missing",
                "\"num_key_value_heads\": 4 | \"num_key_value_heads\": 3 | kvHeads must be a divisor of heads (8), was 3",
                "\"vocab_size\": 512 | \"vocab_size\": 512, \"vocab_size\": 512 | not valid JSON"
            })
    void unsupportedOrDamagedSettingIsNamed(String from, String to, String message) throws Exception {
        String json = config();
        assertTrue(json.contains(from), from);
        String changed = json.replace(from, to == null ? "" : to);
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> read(changed));
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertTrue(e.getMessage().contains("config.json"), e.getMessage());
    }

    @Test
    void directoryWithoutConfigIsNotAModel() {
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> CausalLm.load(dir));
        assertTrue(e.getMessage().contains("config.json is missing"), e.getMessage());
    }

    @Test
    void truncatedOrForeignWeightsDoNotLoad() throws Exception {
        Files.copy(STORIES.resolve("config.json"), dir.resolve("config.json"));
        byte[] weights = Files.readAllBytes(STORIES.resolve("model.safetensors"));
        Files.write(dir.resolve("model.safetensors"), java.util.Arrays.copyOf(weights, weights.length - 1));
        ModelFormatException torn = assertThrows(ModelFormatException.class, () -> CausalLm.load(dir));
        assertTrue(torn.getMessage().contains("model.safetensors"), torn.getMessage());

        Files.write(dir.resolve("model.safetensors"), weights);
        Files.writeString(
                dir.resolve("config.json"), config().replace("\"num_hidden_layers\": 5", "\"num_hidden_layers\": 4"));
        ModelFormatException foreign = assertThrows(ModelFormatException.class, () -> CausalLm.load(dir));
        assertTrue(foreign.getMessage().contains("model.layers.4.input_layernorm.weight"), foreign.getMessage());
    }
}
