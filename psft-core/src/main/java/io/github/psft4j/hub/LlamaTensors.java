package io.github.psft4j.hub;

import io.github.psft4j.transformer.DecoderBlock;
import io.github.psft4j.transformer.DecoderConfig;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.FinalNorm;
import io.github.psft4j.transformer.LmHead;
import io.github.psft4j.transformer.TokenEmbedding;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Where the tensors of a Hugging Face Llama lie in the parameters of a decoder graph. Both store linear weights as
 * {@code [out, in]}, so that fused parameters are the separate tensors one below the other and every tensor is a view.
 */
final class LlamaTensors {

    /** Tensor of an untied head; a tied model's file may carry a copy, which is not read. */
    static final String HEAD = "lm_head.weight";

    /** Gives an array of a vertex: a parameter, or anything of the same shape such as its gradient. */
    interface Source {
        INDArray get(String vertex, String parameter);
    }

    private LlamaTensors() {}

    /** Hugging Face name to view, in the order of the model. */
    static Map<String, INDArray> views(DecoderConfig c, Source source) {
        Map<String, INDArray> views = new LinkedHashMap<>();
        views.put("model.embed_tokens.weight", source.get(DecoderGraph.EMBEDDING, TokenEmbedding.TABLE));
        for (int i = 0; i < c.layers(); i++) {
            String vertex = DecoderGraph.block(i);
            String prefix = "model.layers." + i + ".";
            long q = (long) c.heads() * c.headDim();
            long kv = (long) c.kvHeads() * c.headDim();
            long f = c.intermediateSize();
            INDArray qkv = source.get(vertex, DecoderBlock.QKV);
            INDArray gateUp = source.get(vertex, DecoderBlock.GATE_UP);
            views.put(prefix + "input_layernorm.weight", source.get(vertex, DecoderBlock.ATTENTION_NORM));
            views.put(prefix + "self_attn.q_proj.weight", rows(qkv, 0, q));
            views.put(prefix + "self_attn.k_proj.weight", rows(qkv, q, q + kv));
            views.put(prefix + "self_attn.v_proj.weight", rows(qkv, q + kv, q + 2 * kv));
            views.put(prefix + "self_attn.o_proj.weight", source.get(vertex, DecoderBlock.ATTENTION_OUT));
            views.put(prefix + "post_attention_layernorm.weight", source.get(vertex, DecoderBlock.MLP_NORM));
            views.put(prefix + "mlp.gate_proj.weight", rows(gateUp, 0, f));
            views.put(prefix + "mlp.up_proj.weight", rows(gateUp, f, 2 * f));
            views.put(prefix + "mlp.down_proj.weight", source.get(vertex, DecoderBlock.DOWN));
        }
        views.put("model.norm.weight", source.get(DecoderGraph.NORM, FinalNorm.GAIN));
        if (!c.tiedEmbeddings()) {
            views.put(HEAD, source.get(DecoderGraph.HEAD, LmHead.WEIGHT));
        }
        return views;
    }

    /**
     * Whether a tensor that no parameter takes may be passed over: derived data of old exports, or a tied head's copy.
     */
    static boolean isRedundant(String name, DecoderConfig c) {
        return name.endsWith(".rotary_emb.inv_freq") || (c.tiedEmbeddings() && name.equals(HEAD));
    }

    /**
     * Rows of a dense matrix, cut from its flat form: a multi-index get on a view with an offset can come back empty in
     * ND4J M2.1.
     */
    private static INDArray rows(INDArray matrix, long from, long to) {
        long width = matrix.size(1);
        return matrix.reshape(matrix.length())
                .get(NDArrayIndex.interval(from * width, to * width))
                .reshape('c', to - from, width);
    }
}
