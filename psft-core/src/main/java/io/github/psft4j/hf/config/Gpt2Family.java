package io.github.psft4j.hf.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.transformer.DecoderBlock;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.FinalNorm;
import io.github.psft4j.transformer.LmHead;
import io.github.psft4j.transformer.TokenEmbedding;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.NormKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * GPT-2: learned positions, LayerNorm, biases everywhere, no gate. Its {@code Conv1D} weights are stored {@code [in,
 * out]}, those of this library {@code [out, in]}. So their tensors are transposed views.
 */
final class Gpt2Family implements ModelFamily {

    private static final String EMBEDDING = "transformer.wte.weight";

    /** Causal masks that old files contain. */
    private static final Pattern MASK = Pattern.compile("(transformer\\.)?h\\.\\d+\\.attn\\.(bias|masked_bias)");

    @Override
    public String architecture() {
        return "GPT2LMHeadModel";
    }

    @Override
    public String modelType() {
        return "gpt2";
    }

    @Override
    public String basePrefix() {
        return "transformer.";
    }

    @Override
    public String embedding() {
        return EMBEDDING;
    }

    @Override
    public DecoderConfig read(ConfigFile file) {
        int vocabulary = file.required("vocab_size");
        int hidden = file.required(either(file, "n_embd", "hidden_size"));
        int heads = file.required(either(file, "n_head", "num_attention_heads"));
        boolean scaled = file.flag("scale_attn_weights", true);
        file.get("reorder_and_upcast_attn"); // the order of the same operations, in float, which all of ours are
        file.warnOfDropout("resid_pdrop", "embd_pdrop", "attn_pdrop");
        DecoderConfig config = file.build(() -> DecoderConfig.builder()
                .vocabSize(vocabulary)
                .hiddenSize(hidden)
                .intermediateSize(file.integer("n_inner", (int) Math.min(Integer.MAX_VALUE, 4L * hidden)))
                .layers(file.layers(either(file, "n_layer", "num_hidden_layers")))
                .heads(heads)
                .maxPositions(file.integer(either(file, "n_positions", "max_position_embeddings"), 1024))
                .norm(NormKind.LAYER)
                .normEps(file.number("layer_norm_epsilon", 1e-5))
                .learnedPositions(true)
                .attentionScale(scaled ? 0 : 1)
                .scaleByLayer(file.flag("scale_attn_by_inverse_layer_idx", false))
                .qkvBias(true)
                .attentionOutBias(true)
                .mlpBias(true)
                .activation(ActivationNames.read(file, "activation_function", "gelu_new"))
                .gatedMlp(false)
                .tiedEmbeddings(file.flag("tie_word_embeddings", true))
                .initializerRange(file.number("initializer_range", 0.02))
                .scaledResidualInit(true)
                .bosTokenId(file.tokenId("bos_token_id", 50_256, vocabulary))
                .eosTokenId(file.tokenId("eos_token_id", 50_256, vocabulary))
                .build());
        file.refuseTheRest();
        return config;
    }

    /** GPT-2's own name of a field, or the common one where the file has only that. */
    private static String either(ConfigFile file, String own, String common) {
        return file.has(own) || !file.has(common) ? own : common;
    }

    @Override
    public void write(DecoderConfig c, ObjectNode json) {
        json.put("activation_function", ActivationNames.of(c.activation()));
        json.put("attn_pdrop", 0.0);
        RotaryFamily.putId(json, "bos_token_id", c.bosTokenId());
        json.put("embd_pdrop", 0.0);
        RotaryFamily.putId(json, "eos_token_id", c.eosTokenId());
        json.put("initializer_range", c.initializerRange());
        json.put("layer_norm_epsilon", c.normEps());
        json.put("n_embd", c.hiddenSize());
        json.put("n_head", c.heads());
        json.put("n_inner", c.intermediateSize());
        json.put("n_layer", c.layers());
        json.put("n_positions", c.maxPositions());
        json.put("reorder_and_upcast_attn", false);
        json.put("resid_pdrop", 0.0);
        json.put("scale_attn_by_inverse_layer_idx", c.scaleByLayer());
        json.put("scale_attn_weights", c.attentionScale() != 1);
        json.put("tie_word_embeddings", c.tiedEmbeddings());
        json.put("vocab_size", c.vocabSize());
    }

    @Override
    public Map<String, INDArray> tensors(DecoderConfig c, Source source) {
        Map<String, INDArray> views = new LinkedHashMap<>();
        views.put(EMBEDDING, source.get(DecoderGraph.EMBEDDING, TokenEmbedding.TABLE));
        views.put("transformer.wpe.weight", source.get(DecoderGraph.EMBEDDING, TokenEmbedding.POSITIONS));
        for (int i = 0; i < c.layers(); i++) {
            String prefix = "transformer.h." + i + ".";
            String block = DecoderGraph.block(i);
            views.put(prefix + "ln_1.weight", source.get(block, DecoderBlock.ATTENTION_NORM));
            views.put(prefix + "ln_1.bias", source.get(block, DecoderBlock.ATTENTION_NORM_BIAS));
            views.put(prefix + "attn.c_attn.weight", transposed(source, block, DecoderBlock.QKV));
            views.put(prefix + "attn.c_attn.bias", source.get(block, DecoderBlock.QKV_BIAS));
            views.put(prefix + "attn.c_proj.weight", transposed(source, block, DecoderBlock.ATTENTION_OUT));
            views.put(prefix + "attn.c_proj.bias", source.get(block, DecoderBlock.ATTENTION_OUT_BIAS));
            views.put(prefix + "ln_2.weight", source.get(block, DecoderBlock.MLP_NORM));
            views.put(prefix + "ln_2.bias", source.get(block, DecoderBlock.MLP_NORM_BIAS));
            views.put(prefix + "mlp.c_fc.weight", transposed(source, block, DecoderBlock.GATE_UP));
            views.put(prefix + "mlp.c_fc.bias", source.get(block, DecoderBlock.GATE_UP_BIAS));
            views.put(prefix + "mlp.c_proj.weight", transposed(source, block, DecoderBlock.DOWN));
            views.put(prefix + "mlp.c_proj.bias", source.get(block, DecoderBlock.DOWN_BIAS));
        }
        views.put("transformer.ln_f.weight", source.get(DecoderGraph.NORM, FinalNorm.GAIN));
        views.put("transformer.ln_f.bias", source.get(DecoderGraph.NORM, FinalNorm.NORM_BIAS));
        if (!c.tiedEmbeddings()) {
            views.put(HEAD, source.get(DecoderGraph.HEAD, LmHead.WEIGHT));
        }
        return views;
    }

    private static INDArray transposed(Source source, String block, String weight) {
        return source.get(block, weight).transpose();
    }

    @Override
    public boolean storesTransposed() {
        return true;
    }

    @Override
    public List<LinearModule> linearModules(DecoderConfig c) {
        List<LinearModule> modules = new ArrayList<>();
        for (int i = 0; i < c.layers(); i++) {
            String prefix = "transformer.h." + i + ".";
            String vertex = DecoderGraph.block(i);
            long qkv = c.attention(i, 1, 1).qkvWidth();
            modules.add(new LinearModule(prefix + "attn.c_attn", vertex, DecoderBlock.QKV, 0, qkv));
            modules.add(
                    new LinearModule(prefix + "attn.c_proj", vertex, DecoderBlock.ATTENTION_OUT, 0, c.hiddenSize()));
            modules.add(new LinearModule(prefix + "mlp.c_fc", vertex, DecoderBlock.GATE_UP, 0, c.intermediateSize()));
            modules.add(new LinearModule(prefix + "mlp.c_proj", vertex, DecoderBlock.DOWN, 0, c.hiddenSize()));
        }
        return modules;
    }

    @Override
    public boolean isRedundant(String name, DecoderConfig config) {
        return MASK.matcher(name).matches() || (config.tiedEmbeddings() && name.equals(HEAD));
    }
}
