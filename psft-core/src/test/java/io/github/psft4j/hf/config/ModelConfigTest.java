package io.github.psft4j.hf.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.kernel.Activation;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.LogLines;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.DecoderConfigBuilder;
import io.github.psft4j.transformer.config.NormKind;
import io.github.psft4j.transformer.config.RopeScaling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** config.json: both generations are read, what is not supported is refused by name, a damaged model never loads. */
class ModelConfigTest {

    private static final Path STORIES = Path.of("src/test/resources/models/stories260K");

    @TempDir
    private Path dir;

    private String config() throws Exception {
        return Files.readString(STORIES.resolve("config.json"));
    }

    private DecoderConfig read(String json) throws Exception {
        Files.writeString(dir.resolve("config.json"), json);
        ConfigFile file = ConfigFile.read(dir);
        return ModelFamily.of(file).read(file);
    }

    @Test
    void bothGenerationsOfRopeSettingsAreRead() throws Exception {
        assertEquals(10_000, read(config()).ropeTheta());
        for (RopeScaling scaling : List.of(
                RopeScaling.linear(2.5),
                RopeScaling.dynamic(2),
                RopeScaling.llama3(8, 1, 4, 64),
                RopeScaling.yarn(4, 64, 32, 1, true, 0.1 * Math.log(4) + 1))) {
            String fields = "\"factor\": " + scaling.factor()
                    + (scaling.kind() == RopeScaling.Kind.LLAMA3
                            ? ", \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0"
                            : "")
                    + (scaling.originalPositions() > 0 ? ", \"original_max_position_embeddings\": 64}" : "}");
            String type = scaling.kind().name().toLowerCase(Locale.ROOT) + "\", " + fields;
            String old = "\"rope_theta\": 5e5, \"rope_scaling\": {\"type\": \"" + type;
            String next = "\"rope_parameters\": {\"rope_theta\": 5e5, \"rope_type\": \"" + type;
            for (String generation : List.of(old, next)) {
                DecoderConfig config = read(config().replace("\"rope_theta\": 10000.0", generation));
                assertEquals(500_000, config.ropeTheta());
                assertEquals(scaling, config.ropeScaling());
            }
        }
    }

    /** Every option that some family has, away from its default. */
    static Stream<Arguments> families() {
        return Stream.of(
                Arguments.of(
                        "LlamaForCausalLM",
                        base().qkvBias(true)
                                .attentionOutBias(true)
                                .mlpBias(true)
                                .headDim(16)
                                .activation(Activation.GELU_TANH)
                                .ropeTheta(1234)
                                .ropeScaling(RopeScaling.llama3(8, 1, 4, 64))
                                .eosTokenId(2)),
                Arguments.of("LlamaForCausalLM", base().ropeScaling(RopeScaling.yarn(4, 64, 16, 2, false, 1.3))),
                Arguments.of("MistralForCausalLM", base().slidingWindow(5).ropeScaling(RopeScaling.linear(2))),
                Arguments.of("Qwen2ForCausalLM", base().qkvBias(true).windows(List.of(0, 4, 0))),
                Arguments.of("Qwen3ForCausalLM", base().qkNorm(true).headDim(6).windows(List.of(0, 4, 4))),
                Arguments.of(
                        "Qwen3ForCausalLM", base().qkNorm(true).qkvBias(true).attentionOutBias(true)),
                Arguments.of("GPT2LMHeadModel", gpt2()),
                Arguments.of(
                        "GPT2LMHeadModel",
                        gpt2().attentionScale(1)
                                .scaleByLayer(true)
                                .activation(Activation.RELU)
                                .tiedEmbeddings(false)));
    }

    private static DecoderConfigBuilder base() {
        return DecoderConfig.builder()
                .vocabSize(50)
                .hiddenSize(32)
                .intermediateSize(40)
                .layers(3)
                .heads(4)
                .kvHeads(2)
                .maxPositions(77)
                .normEps(1e-4)
                .tiedEmbeddings(true)
                .initializerRange(0.03);
    }

    private static DecoderConfigBuilder gpt2() {
        return base().kvHeads(4)
                .norm(NormKind.LAYER)
                .learnedPositions(true)
                .qkvBias(true)
                .attentionOutBias(true)
                .mlpBias(true)
                .activation(Activation.GELU_TANH)
                .gatedMlp(false)
                .scaledResidualInit(true);
    }

    @ParameterizedTest
    @MethodSource("families")
    void newModelIsWrittenAsAFamilyThatHasItsOptionsAndReadsBackTheSame(
            String architecture, DecoderConfigBuilder builder) throws Exception {
        DecoderConfig config = builder.build();
        CausalLm model = CausalLm.create(config, null, 1);
        model.save(dir);
        assertEquals(
                architecture,
                new ObjectMapper()
                        .readTree(dir.resolve("config.json").toFile())
                        .get("architectures")
                        .get(0)
                        .asText());
        CausalLm restored = CausalLm.load(dir);
        assertEquals(config, restored.config());
        assertArrayEquals(
                model.graph().params().dup().data().asFloat(),
                restored.graph().params().dup().data().asFloat());
    }

    @Test
    void combinationThatNoFamilyHasIsRefusedBeforeAModelIsMade() {
        DecoderConfig config = base().qkNorm(true).mlpBias(true).build();
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> CausalLm.create(config, null, 1));
        assertTrue(e.getMessage().contains("combination of options"), e.getMessage());
    }

    @Test
    void fieldsWithoutMeaningHereSurviveSaving() throws Exception {
        String json = config().replace(
                        "\"attention_bias\": false",
                        "\"id2label\": {\"0\": \"x\"}, \"unknown\": null, \"dtype\": \"bfloat16\"");
        Files.writeString(dir.resolve("config.json"), json);
        Files.copy(STORIES.resolve("model.safetensors"), dir.resolve("model.safetensors"));
        CausalLm.load(dir).save(dir.resolve("out"));
        JsonNode saved = new ObjectMapper()
                .readTree(dir.resolve("out").resolve("config.json").toFile());
        assertEquals("x", saved.get("id2label").get("0").asText());
        assertTrue(saved.has("unknown"));
        assertEquals("float32", saved.get("dtype").asText());
    }

    /**
     * AutoModelForCausalLM of transformers takes the class by model_type and looks at architectures in none of them.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"LlamaForCausalLM\" | \"LLaMAForCausalLM\"",
                "\"LlamaForCausalLM\" | \"LlamaModel\"",
                "[\"LlamaForCausalLM\"] | null",
                "\"attention_bias\": false | \"layer_types\": [\"full_attention\", \"full_attention\"]",
                "\"attention_bias\": false | \"logits_scaling\": 2, \"attn_logit_softcapping\": 30.0,"
                        + " \"num_experts\": 8",
                "\"attention_bias\": false | \"partial_rotary_factor\": 0.5",
                "\"attention_bias\": false | \"auto_map\": {\"AutoModel\": \"modeling_own.Own\"}",
                "\"attention_bias\": false | \"rope_scaling\": {\"type\": \"default\", \"finetuned\": true}",
                "\"attention_bias\": false | \"rope_scaling\": {}, \"rope_parameters\": {\"rope_type\": \"default\"}"
            })
    void whatTransformersDoesNotComputeWithChangesNothing(String from, String to) throws Exception {
        String json = config().replaceAll("\\[\\s*\"LlamaForCausalLM\"\\s*\\]", "[\"LlamaForCausalLM\"]");
        assertTrue(json.contains(from), json);
        assertEquals(read(config()), read(json.replace(from, to)));
    }

    @Test
    void olderRopeSettingsGoBeforeTheNewerOnes() throws Exception {
        DecoderConfig config = read(config().replace(
                        "\"rope_theta\": 10000.0",
                        "\"rope_parameters\": {\"rope_type\": \"linear\", \"factor\": 3, \"rope_theta\": 7}, "
                                + "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}, \"rope_theta\": 5000"));
        assertEquals(RopeScaling.linear(2), config.ropeScaling());
        assertEquals(5000, config.ropeTheta());
    }

    @Test
    void dropoutIsNotAppliedAndNamedOnce() throws Exception {
        DecoderConfig plain = read(config());
        Files.writeString(
                dir.resolve("config.json"),
                config().replace("\"attention_bias\": false", "\"attention_dropout\": 0.25"));
        List<String> log = LogLines.during(ConfigFile.class, () -> {
            assertEquals(plain, CausalLm.readConfig(dir));
            CausalLm.readConfig(dir);
        });
        assertEquals(1, log.size(), log.toString());
        assertTrue(log.get(0).contains("attention_dropout = 0.25 is not applied"), log.toString());
    }

    @Test
    void whatTransformersDoesNotReadIsPassedOverAndNamed() throws Exception {
        DecoderConfig plain = read(config());
        Files.writeString(
                dir.resolve("config.json"),
                config().replace(
                                "\"attention_bias\": false",
                                "\"is_llama_config\": true, \"rope_interleaved\": false, \"_model_name_or_path\":"
                                        + " \"x\","
                                        + " \"id2label\": {\"0\": \"a\"}, \"some_note\": {\"a\": 1}, \"rope_scaling\":"
                                        + " {\"type\": \"default\", \"finetuned\": true}"));
        List<String> log = LogLines.during(ConfigFile.class, () -> {
            assertEquals(plain, CausalLm.readConfig(dir));
            CausalLm.readConfig(dir);
        });
        assertEquals(1, log.size(), log.toString());
        assertTrue(
                log.get(0).endsWith(": is_llama_config, _model_name_or_path, some_note, rope_scaling.finetuned"),
                log.toString());
    }

    /** The fields of the configuration classes of transformers 5.24.0, and those that its shared code reads. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "stories260K | attention_bias attention_dropout head_dim mlp_bias rope_parameters pretraining_tp",
                "mistral-tiny | attention_dropout head_dim rope_parameters sliding_window",
                "qwen2-tiny | attention_dropout rope_parameters use_sliding_window sliding_window max_window_layers"
                        + " layer_types",
                "qwen3-tiny | attention_bias attention_dropout head_dim rope_parameters use_sliding_window"
                        + " sliding_window"
                        + " max_window_layers layer_types",
                "gpt2-tiny | n_positions n_embd n_layer n_head n_inner activation_function resid_pdrop embd_pdrop"
                        + " attn_pdrop layer_norm_epsilon summary_type summary_use_proj summary_activation"
                        + " summary_proj_to_labels summary_first_dropout scale_attn_weights"
                        + " scale_attn_by_inverse_layer_idx reorder_and_upcast_attn add_cross_attention"
            })
    void noFieldThatTransformersReadsIsPassedOver(String model, String own) throws Exception {
        String rotary = model.startsWith("gpt2")
                ? ""
                : " hidden_size intermediate_size num_hidden_layers num_attention_heads num_key_value_heads hidden_act"
                        + " max_position_embeddings rms_norm_eps rope_theta rope_scaling";
        String shared = " vocab_size initializer_range use_cache pad_token_id bos_token_id eos_token_id"
                + " tie_word_embeddings output_hidden_states output_attentions return_dict dtype torch_dtype"
                + " chunk_size_feed_forward is_encoder_decoder id2label label2id num_labels problem_type architectures"
                + " transformers_version name_or_path attn_implementation gradient_checkpointing is_causal"
                + " per_layer_config quantization_config attention_chunk_size layer_types sliding_window"
                + " kv_sharing_modes"
                + " fusion_config transformers_weights";
        Path folder = model.startsWith("stories") ? STORIES : Path.of("src/test/resources/golden", model);
        for (String field : (own + rotary + shared).split(" +")) {
            ObjectNode json = (ObjectNode)
                    new ObjectMapper().readTree(folder.resolve("config.json").toFile());
            json.put(field, "x");
            ConfigFile file = ConfigFile.of(json);
            try {
                ModelFamily.of(file).read(file);
                assertEquals(List.of(), file.passedOver(), field);
            } catch (ModelFormatException e) {
                assertTrue(e.getMessage().contains(field), e.getMessage());
            }
        }
    }

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
        refused(config(), from, to, message);
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
