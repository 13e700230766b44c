package io.github.psft4j.hf.config;

import static io.github.psft4j.kernel.Views.rowRange;
import static io.github.psft4j.kernel.Views.span;

import io.github.psft4j.transformer.DecoderBlock;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.FinalNorm;
import io.github.psft4j.transformer.LmHead;
import io.github.psft4j.transformer.TokenEmbedding;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Maps the tensors of a Llama-like model to the parameters of a decoder graph. Both store linear weights as
 * {@code [out, in]}, so that fused parameters are the separate tensors one below the other and every tensor is a view.
 */
final class RotaryTensors {

    static final String EMBEDDING = "model.embed_tokens.weight";

    private RotaryTensors() {}

    /** Hugging Face name to view, in the order of the model. */
    static Map<String, INDArray> views(DecoderConfig c, ModelFamily.Source source) {
        Map<String, INDArray> views = new LinkedHashMap<>();
        views.put(EMBEDDING, source.get(DecoderGraph.EMBEDDING, TokenEmbedding.TABLE));
        for (int i = 0; i < c.layers(); i++) {
            block(c, DecoderGraph.block(i), "model.layers." + i + ".", source, views);
        }
        views.put("model.norm.weight", source.get(DecoderGraph.NORM, FinalNorm.GAIN));
        if (!c.tiedEmbeddings()) {
            views.put(ModelFamily.HEAD, source.get(DecoderGraph.HEAD, LmHead.WEIGHT));
        }
        return views;
    }

    private static void block(
            DecoderConfig c, String vertex, String prefix, ModelFamily.Source source, Map<String, INDArray> views) {
        String attention = prefix + "self_attn.";
        String mlp = prefix + "mlp.";
        views.put(prefix + "input_layernorm.weight", source.get(vertex, DecoderBlock.ATTENTION_NORM));
        queryKeyValue(c, attention, "weight", source.get(vertex, DecoderBlock.QKV), views);
        if (c.qkvBias()) {
            queryKeyValue(c, attention, "bias", source.get(vertex, DecoderBlock.QKV_BIAS), views);
        }
        if (c.qkNorm()) {
            views.put(attention + "q_norm.weight", source.get(vertex, DecoderBlock.QUERY_NORM));
            views.put(attention + "k_norm.weight", source.get(vertex, DecoderBlock.KEY_NORM));
        }
        views.put(attention + "o_proj.weight", source.get(vertex, DecoderBlock.ATTENTION_OUT));
        if (c.attentionOutBias()) {
            views.put(attention + "o_proj.bias", source.get(vertex, DecoderBlock.ATTENTION_OUT_BIAS));
        }
        views.put(prefix + "post_attention_layernorm.weight", source.get(vertex, DecoderBlock.MLP_NORM));
        gateUp(c, mlp, "weight", source.get(vertex, DecoderBlock.GATE_UP), views);
        views.put(mlp + "down_proj.weight", source.get(vertex, DecoderBlock.DOWN));
        if (c.mlpBias()) {
            gateUp(c, mlp, "bias", source.get(vertex, DecoderBlock.GATE_UP_BIAS), views);
            views.put(mlp + "down_proj.bias", source.get(vertex, DecoderBlock.DOWN_BIAS));
        }
    }

    private static void queryKeyValue(
            DecoderConfig c, String prefix, String kind, INDArray qkv, Map<String, INDArray> views) {
        long q = (long) c.heads() * c.headDim();
        long kv = (long) c.kvHeads() * c.headDim();
        views.put(prefix + "q_proj." + kind, cut(qkv, 0, q));
        views.put(prefix + "k_proj." + kind, cut(qkv, q, q + kv));
        views.put(prefix + "v_proj." + kind, cut(qkv, q + kv, q + 2 * kv));
    }

    private static void gateUp(
            DecoderConfig c, String prefix, String kind, INDArray gateUp, Map<String, INDArray> views) {
        long f = c.intermediateSize();
        views.put(prefix + "gate_proj." + kind, cut(gateUp, 0, f));
        views.put(prefix + "up_proj." + kind, cut(gateUp, f, 2 * f));
    }

    /** The linear modules of all blocks. */
    static List<LinearModule> modules(DecoderConfig c) {
        long q = (long) c.heads() * c.headDim();
        long kv = (long) c.kvHeads() * c.headDim();
        long f = c.intermediateSize();
        List<LinearModule> modules = new ArrayList<>();
        for (int i = 0; i < c.layers(); i++) {
            String vertex = DecoderGraph.block(i);
            String attention = "model.layers." + i + ".self_attn.";
            String mlp = "model.layers." + i + ".mlp.";
            modules.add(new LinearModule(attention + "q_proj", vertex, DecoderBlock.QKV, 0, q));
            modules.add(new LinearModule(attention + "k_proj", vertex, DecoderBlock.QKV, q, q + kv));
            modules.add(new LinearModule(attention + "v_proj", vertex, DecoderBlock.QKV, q + kv, q + 2 * kv));
            modules.add(new LinearModule(attention + "o_proj", vertex, DecoderBlock.ATTENTION_OUT, 0, c.hiddenSize()));
            modules.add(new LinearModule(mlp + "gate_proj", vertex, DecoderBlock.GATE_UP, 0, f));
            modules.add(new LinearModule(mlp + "up_proj", vertex, DecoderBlock.GATE_UP, f, 2 * f));
            modules.add(new LinearModule(mlp + "down_proj", vertex, DecoderBlock.DOWN, 0, c.hiddenSize()));
        }
        return modules;
    }

    /** Rows of a weight or elements of a bias. */
    private static INDArray cut(INDArray array, long from, long to) {
        return array.rank() == 1 ? span(array, from, to) : rowRange(array, from, to);
    }
}
