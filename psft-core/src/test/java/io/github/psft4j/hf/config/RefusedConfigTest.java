package io.github.psft4j.hf.config;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.model.CausalLm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** config.json: what is not supported is refused by name, and a damaged model never loads. */
class RefusedConfigTest {

    @TempDir
    private Path dir;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"LlamaForCausalLM\" | \"GemmaForCausalLM\" | architectures = [\"GemmaForCausalLM\"]",
                "\"LlamaForCausalLM\" | \"GPT2LMHeadModel\" | architectures = [\"GPT2LMHeadModel\"]",
                "\"LlamaForCausalLM\" | \"LlamaForSequenceClassification\" | architectures = [\"LlamaForSequence",
                "\"hidden_act\": \"silu\" | \"hidden_act\": \"mish\" | hidden_act = \"mish\"",
                "\"attention_bias\": false | \"attention_bias\": \"yes\" | attention_bias must be true or false",
                "\"attention_bias\": false | \"sliding_window\": 5 | sliding_window = 5",
                "\"attention_bias\": false | \"rope_scaling\": {\"type\": \"linear\", \"factor\": 2},"
                        + " \"partial_rotary_factor\": 0.5 | partial_rotary_factor = 0.5",
                "\"attention_bias\": false | \"rope_scaling\": 3 | rope_scaling must be an object, was 3",
                "\"attention_bias\": false | \"rope_scaling\": {\"type\": \"linear\"} | rope_scaling.factor must be a"
                        + " number",
                "\"attention_bias\": false | \"rope_scaling\": {\"type\": \"longrope\"} | rope_scaling.type ="
                        + " \"longrope\"",
                "\"attention_bias\": false | \"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 0.5} | factor must"
                        + " be at least 1",
                "\"attention_bias\": false | \"rope_parameters\": {\"rope_type\": \"llama3\"} | rope_parameters.factor"
                        + " must be",
                "\"attention_bias\": false | \"rope_parameters\": {\"full_attention\": {\"rope_type\": \"default\"}} |"
                        + " rope_parameters.full_attention",
                "\"attention_bias\": false | \"quantization_config\": {\"bits\": 4} | quantization_config ="
                        + " {\"bits\":4} is not"
                        + " supported; the weights are quantised",
                "\"attention_bias\": false | \"quantization_config\": {\"quant_method\": \"gptq\", \"bits\": 4} |"
                        + " the weights are quantised (gptq), and removing the field would not change that",
                "\"attention_bias\": false | \"quantization\": {\"group_size\": 64, \"bits\": 4} | quantization ="
                        + " {\"group_size\":64,\"bits\":4} is not supported; the weights are quantised",
                "\"attention_bias\": false | \"is_causal\": false | is_causal = false",
                "\"attention_bias\": false | \"rope_interleaved\": true | rope_interleaved = true",
                "\"vocab_size\": 512 | \"vocab_size\": \"many\" | vocab_size must be a whole number, was \"many\"",
                "\"num_hidden_layers\": 5, | | num_hidden_layers must be a whole number, was missing",
                "\"num_key_value_heads\": 4 | \"num_key_value_heads\": 3 | kvHeads must be a divisor of heads (8), was"
                        + " 3",
                "\"vocab_size\": 512 | \"vocab_size\": 512, \"vocab_size\": 512 | not valid JSON"
            })
    void unsupportedOrDamagedSettingIsNamed(String from, String to, String message) throws Exception {
        refused(ModelConfigTest.config(), from, to, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "qwen2-tiny | \"full_attention\" | \"chunked_attention\" | layer_types = ",
                "qwen2-tiny | \"full_attention\" | \"sliding_attention\" | layer_types = ",
                "qwen2-tiny | \"num_hidden_layers\": 2 | \"num_hidden_layers\": 3 | layer_types = ",
                "qwen3-tiny | \"head_dim\": 16 | \"head_dim\": 15 | headDim must be even",
                "gpt2-tiny | \"add_cross_attention\": false | \"add_cross_attention\": true | add_cross_attention ="
                        + " true",
                "gpt2-tiny | \"n_head\": 4 | \"n_head\": 5 | hiddenSize must be a multiple of heads (5)",
                "gpt2-tiny | \"gelu_new\" | \"tanh\" | activation_function = \"tanh\""
            })
    void unsupportedSettingOfAnotherFamilyIsNamed(String model, String from, String to, String message)
            throws Exception {
        refused(Files.readString(Path.of("src/test/resources/golden", model, "config.json")), from, to, message);
    }

    private void refused(String json, String from, String to, String message) {
        assertTrue(json.contains(from), from);
        String changed = json.replace(from, to == null ? "" : to);
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> ModelConfigTest.read(dir, changed));
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
        Files.copy(ModelConfigTest.STORIES.resolve("config.json"), dir.resolve("config.json"));
        byte[] weights = Files.readAllBytes(ModelConfigTest.STORIES.resolve("model.safetensors"));
        Files.write(dir.resolve("model.safetensors"), Arrays.copyOf(weights, weights.length - 1));
        ModelFormatException torn = assertThrows(ModelFormatException.class, () -> CausalLm.load(dir));
        assertTrue(torn.getMessage().contains("model.safetensors"), torn.getMessage());

        Files.write(dir.resolve("model.safetensors"), weights);
        Files.writeString(
                dir.resolve("config.json"),
                ModelConfigTest.config().replace("\"num_hidden_layers\": 5", "\"num_hidden_layers\": 4"));
        ModelFormatException foreign = assertThrows(ModelFormatException.class, () -> CausalLm.load(dir));
        assertTrue(foreign.getMessage().contains("model.layers.4.input_layernorm.weight"), foreign.getMessage());
    }
}
