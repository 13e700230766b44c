package io.github.psft4j.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.transformer.DecoderConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code config.json} of {@code LlamaForCausalLM}, both generations: {@code rope_theta} beside {@code rope_scaling},
 * and {@code rope_parameters} of transformers 5. A setting that this library does not compute is refused by name, never
 * ignored.
 */
final class LlamaConfigFile {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final List<String> ARCHITECTURES = List.of("LlamaForCausalLM");

    private final Path file;
    private final ObjectNode root;

    private LlamaConfigFile(Path file, ObjectNode root) {
        this.file = file;
        this.root = root;
    }

    /** Reads {@code config.json} of a model directory. */
    static LlamaConfigFile read(Path dir) {
        Path file = dir.resolve("config.json");
        try {
            if (JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode object) {
                return new LlamaConfigFile(file, object);
            }
            throw new ModelFormatException(file + " is not a JSON object");
        } catch (NoSuchFileException e) {
            throw new ModelFormatException(
                    dir
                            + " is not a model directory: config.json is missing; expected config.json, model.safetensors and"
                            + " tokenizer.json as transformers' save_pretrained writes them",
                    e);
        } catch (JsonProcessingException e) {
            throw new ModelFormatException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** A fresh file for a configuration. */
    static LlamaConfigFile of(DecoderConfig c) {
        ObjectNode o = JSON.createObjectNode();
        o.putArray("architectures").add(ARCHITECTURES.get(0));
        o.put("attention_bias", false);
        o.put("attention_dropout", 0.0);
        put(o, "bos_token_id", c.bosTokenId());
        put(o, "eos_token_id", c.eosTokenId());
        o.put("head_dim", c.headDim());
        o.put("hidden_act", "silu");
        o.put("hidden_size", c.hiddenSize());
        o.put("initializer_range", c.initializerRange());
        o.put("intermediate_size", c.intermediateSize());
        o.put("max_position_embeddings", c.maxPositions());
        o.put("mlp_bias", false);
        o.put("model_type", "llama");
        o.put("num_attention_heads", c.heads());
        o.put("num_hidden_layers", c.layers());
        o.put("num_key_value_heads", c.kvHeads());
        o.put("rms_norm_eps", c.rmsNormEps());
        o.putNull("rope_scaling");
        o.put("rope_theta", c.ropeTheta());
        o.put("tie_word_embeddings", c.tiedEmbeddings());
        o.put("torch_dtype", "float32");
        o.put("vocab_size", c.vocabSize());
        return new LlamaConfigFile(null, o);
    }

    private static void put(ObjectNode o, String field, int id) {
        if (id >= 0) {
            o.put(field, id);
        } else {
            o.putNull(field);
        }
    }

    /** The configuration with the dtype of what is saved, as JSON text. */
    String toJson() {
        ObjectNode copy = root.deepCopy();
        copy.put(copy.has("dtype") ? "dtype" : "torch_dtype", "float32");
        return copy.toPrettyString() + "\n";
    }

    /**
     * The architecture.
     *
     * @throws ModelFormatException naming the field, if the file is of another family, lacks a field or asks for
     *     something that is not supported
     */
    DecoderConfig toDecoderConfig() {
        refuseOtherFamilies();
        refuse("hidden_act", text("hidden_act", "silu").equals("silu"), "silu");
        refuse("attention_bias", !flag("attention_bias"), "false");
        refuse("mlp_bias", !flag("mlp_bias"), "false");
        refuse("attention_dropout", number("attention_dropout", 0) == 0, "0");
        refuse("pretraining_tp", number("pretraining_tp", 1) == 1, "1");
        refuse(
                "rope_scaling",
                root.path("rope_scaling").isMissingNode()
                        || root.path("rope_scaling").isNull(),
                "null");
        refuse("quantization_config", !root.hasNonNull("quantization_config"), "absent");
        JsonNode rope = root.path("rope_parameters");
        String ropeType = rope.path("rope_type").asText("default");
        if (!ropeType.equals("default")) {
            throw unsupported("rope_parameters.rope_type", ropeType, "default");
        }
        int hidden = required("hidden_size");
        int heads = required("num_attention_heads");
        double theta = rope.path("rope_theta").asDouble(number("rope_theta", 10_000));
        try {
            return DecoderConfig.builder()
                    .vocabSize(required("vocab_size"))
                    .hiddenSize(hidden)
                    .intermediateSize(required("intermediate_size"))
                    .layers(required("num_hidden_layers"))
                    .heads(heads)
                    .kvHeads((int) number("num_key_value_heads", heads))
                    .headDim((int) number("head_dim", 0))
                    .maxPositions((int) number("max_position_embeddings", 2048))
                    .rmsNormEps(number("rms_norm_eps", 1e-6))
                    .ropeTheta(theta)
                    .tiedEmbeddings(flag("tie_word_embeddings"))
                    .initializerRange(number("initializer_range", 0.02))
                    .bosTokenId(firstId("bos_token_id"))
                    .eosTokenId(firstId("eos_token_id"))
                    .build();
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(file + ": " + e.getMessage(), e);
        }
    }

    private void refuseOtherFamilies() {
        JsonNode architectures = root.path("architectures");
        if (architectures.isArray() && !architectures.isEmpty()) {
            String name = architectures.get(0).asText();
            if (!ARCHITECTURES.contains(name)) {
                throw unsupported("architectures", name, ARCHITECTURES.toString());
            }
        } else if (!text("model_type", "").equals("llama")) {
            throw unsupported("model_type", text("model_type", "(missing)"), "llama");
        }
    }

    private void refuse(String field, boolean supported, String wanted) {
        if (!supported) {
            throw unsupported(field, root.path(field).toString(), wanted);
        }
    }

    private ModelFormatException unsupported(String field, String value, String supported) {
        return new ModelFormatException(
                file + ": " + field + " = " + value + " is not supported; this version reads " + supported);
    }

    private int required(String field) {
        JsonNode node = root.path(field);
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw new ModelFormatException(file + ": " + field + " must be a whole number, was "
                    + (node.isMissingNode() ? "missing" : node.toString()));
        }
        return node.intValue();
    }

    private double number(String field, double otherwise) {
        JsonNode node = root.path(field);
        if (node.isMissingNode() || node.isNull()) {
            return otherwise;
        }
        if (!node.isNumber()) {
            throw new ModelFormatException(file + ": " + field + " must be a number, was " + node);
        }
        return node.doubleValue();
    }

    private boolean flag(String field) {
        JsonNode node = root.path(field);
        if (!node.isMissingNode() && !node.isNull() && !node.isBoolean()) {
            throw new ModelFormatException(file + ": " + field + " must be true or false, was " + node);
        }
        return node.asBoolean(false);
    }

    private String text(String field, String otherwise) {
        return root.path(field).asText(otherwise);
    }

    /** A token id, the first of a list of them, or -1. */
    private int firstId(String field) {
        JsonNode node = root.path(field);
        return (node.isArray() && !node.isEmpty() ? node.get(0) : node).asInt(-1);
    }
}
