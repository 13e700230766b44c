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

/** config.json: both generations are read, written back, and what has no part in the model is passed over. */
class ModelConfigTest {

    static final Path STORIES = Path.of("src/test/resources/models/stories260K");

    @TempDir
    private Path dir;

    static String config() throws Exception {
        return Files.readString(STORIES.resolve("config.json"));
    }

    private DecoderConfig read(String json) throws Exception {
        return read(dir, json);
    }

    static DecoderConfig read(Path dir, String json) throws Exception {
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
}
