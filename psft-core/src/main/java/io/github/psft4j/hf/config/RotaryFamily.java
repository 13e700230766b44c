package io.github.psft4j.hf.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.DecoderConfigBuilder;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The common part of the Llama-like families: RMSNorm, rotary positions, a gated feed-forward, and the names of fields
 * and tensors. A family adds its own fields and the values that stand for missing ones.
 */
abstract class RotaryFamily implements ModelFamily {

    /** Values of transformers for missing fields. */
    record Defaults(int kvHeads, int headDim, int maxPositions, int bosTokenId, int eosTokenId) {}

    private final String architecture;
    private final String modelType;
    private final Defaults defaults;

    /** @param defaults kvHeads 0 stands for as many as heads, headDim 0 for hidden_size / heads */
    RotaryFamily(String architecture, String modelType, Defaults defaults) {
        this.architecture = architecture;
        this.modelType = modelType;
        this.defaults = defaults;
    }

    @Override
    public final String architecture() {
        return architecture;
    }

    @Override
    public final String modelType() {
        return modelType;
    }

    @Override
    public final String basePrefix() {
        return "model.";
    }

    @Override
    public final String embedding() {
        return RotaryTensors.EMBEDDING;
    }

    /** Reads the fields that only this family has. */
    abstract void readOwn(ConfigFile file, DecoderConfigBuilder config);

    /** Writes the fields that only this family has. */
    abstract void writeOwn(DecoderConfig config, ObjectNode json);

    @Override
    public final DecoderConfig read(ConfigFile file) {
        file.warnOfDropout("attention_dropout");
        int vocabulary = file.required("vocab_size");
        int maxPositions = file.integer("max_position_embeddings", defaults.maxPositions());
        DecoderConfigBuilder config = DecoderConfig.builder()
                .vocabSize(vocabulary)
                .hiddenSize(file.required("hidden_size"))
                .intermediateSize(file.required("intermediate_size"))
                .layers(file.layers("num_hidden_layers"))
                .heads(file.required("num_attention_heads"))
                .kvHeads(file.integer("num_key_value_heads", defaults.kvHeads(), 0))
                .headDim(file.integer("head_dim", defaults.headDim(), 0))
                .maxPositions(maxPositions)
                .normEps(file.number("rms_norm_eps", 1e-6))
                .activation(ActivationNames.read(file, "hidden_act", "silu"))
                .tiedEmbeddings(file.flag("tie_word_embeddings", false))
                .initializerRange(file.number("initializer_range", 0.02))
                .bosTokenId(file.tokenId("bos_token_id", defaults.bosTokenId(), vocabulary))
                .eosTokenId(file.tokenId("eos_token_id", defaults.eosTokenId(), vocabulary));
        RopeFields.read(file, maxPositions, config);
        readOwn(file, config);
        file.refuseTheRest();
        return file.build(config::build);
    }

    @Override
    public final void write(DecoderConfig c, ObjectNode json) {
        json.put("attention_dropout", 0.0);
        putId(json, "bos_token_id", c.bosTokenId());
        putId(json, "eos_token_id", c.eosTokenId());
        json.put("head_dim", c.headDim());
        json.put("hidden_act", ActivationNames.of(c.activation()));
        json.put("hidden_size", c.hiddenSize());
        json.put("initializer_range", c.initializerRange());
        json.put("intermediate_size", c.intermediateSize());
        json.put("max_position_embeddings", c.maxPositions());
        json.put("num_attention_heads", c.heads());
        json.put("num_hidden_layers", c.layers());
        json.put("num_key_value_heads", c.kvHeads());
        json.put("rms_norm_eps", c.normEps());
        json.put("tie_word_embeddings", c.tiedEmbeddings());
        json.put("vocab_size", c.vocabSize());
        RopeFields.write(c, json);
        writeOwn(c, json);
    }

    static void putId(ObjectNode json, String field, int id) {
        json.put(field, id >= 0 ? (Integer) id : null);
    }

    @Override
    public final Map<String, INDArray> tensors(DecoderConfig config, Source source) {
        return RotaryTensors.views(config, source);
    }

    @Override
    public final List<LinearModule> linearModules(DecoderConfig config) {
        return RotaryTensors.modules(config);
    }

    @Override
    public final boolean isRedundant(String name, DecoderConfig config) {
        return name.endsWith(".rotary_emb.inv_freq") || (config.tiedEmbeddings() && name.equals(HEAD));
    }
}
