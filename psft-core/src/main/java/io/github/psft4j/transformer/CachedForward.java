package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TensorOpsFactory;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The decoder's forward pass for generation: same operations and weights as the layers, but keys and values of earlier
 * positions come from a cache. One object serves one batch of equally long prompts, inside the caller's workspace.
 */
final class CachedForward {

    /** Working arrays for T new tokens per sequence; n = B*T rows. */
    private static final class Buffers {
        final INDArray x; // [n, D]
        final INDArray norm; // [n, D]
        final INDArray rms; // [n]
        final INDArray qkv; // [n, (H + 2 KV) d]
        final INDArray attention; // [n, H d]
        final INDArray gateUp; // [n, 2F]
        final INDArray hidden; // [n, F]
        final INDArray last; // [B, D]
        final INDArray logits; // [B, V]

        Buffers(DataType type, DecoderConfig c, AttentionShape shape) {
            int n = shape.rows();
            x = array(type, n, c.hiddenSize());
            norm = array(type, n, c.hiddenSize());
            rms = array(type, n);
            qkv = array(type, n, shape.qkvWidth());
            attention = array(type, n, shape.outWidth());
            gateUp = array(type, n, 2L * c.intermediateSize());
            hidden = array(type, n, c.intermediateSize());
            last = array(type, shape.batch(), c.hiddenSize());
            logits = array(type, shape.batch(), c.vocabSize());
        }
    }

    private final TensorOps ops;
    private final ComputationGraph graph;
    private final DecoderConfig config;
    private final DataType type;
    private final int batch;
    private final INDArray[] cache; // per block [B, capacity, 2 KV d]
    private Buffers buffers;
    private int bufferTime;
    private int position;

    CachedForward(ComputationGraph graph, DecoderConfig config, int batch, int capacity) {
        this.graph = graph;
        this.config = config;
        this.batch = batch;
        this.type = graph.params().dataType();
        this.ops = TensorOpsFactory.forType(type);
        this.cache = new INDArray[config.layers()];
        for (int i = 0; i < cache.length; i++) {
            cache[i] = array(type, batch, capacity, 2L * config.kvHeads() * config.headDim());
        }
    }

    /**
     * Feeds T new tokens per sequence and returns the logits after the last of them, {@code [B, V]}; overwritten by the
     * next call.
     *
     * @param ids token ids {@code [B * T]}, sequence-major
     */
    INDArray forward(int[] ids) {
        int time = ids.length / batch;
        AttentionShape shape = new AttentionShape(batch, time, config.heads(), config.kvHeads(), config.headDim());
        Buffers b = buffers(shape);
        RotaryTable rotary = RotaryTable.of(position + time, config.headDim(), config.ropeTheta());
        ops.gatherRows(parameter(DecoderGraph.EMBEDDING, TokenEmbedding.TABLE), ids, b.x);
        for (int i = 0; i < cache.length; i++) {
            Layer block = graph.getLayer(DecoderGraph.block(i));
            ops.rmsNorm(b.x, block.getParam(DecoderBlock.ATTENTION_NORM), config.rmsNormEps(), b.norm, b.rms);
            ops.linear(b.norm, block.getParam(DecoderBlock.QKV), b.qkv, 0);
            ops.rotate(b.qkv, shape, rotary, position, false);
            ops.storeKeysValues(b.qkv, shape, cache[i], position);
            ops.attentionCached(b.qkv, shape, cache[i], position, b.attention);
            ops.linear(b.attention, block.getParam(DecoderBlock.ATTENTION_OUT), b.x, 1);
            ops.rmsNorm(b.x, block.getParam(DecoderBlock.MLP_NORM), config.rmsNormEps(), b.norm, b.rms);
            ops.linear(b.norm, block.getParam(DecoderBlock.GATE_UP), b.gateUp, 0);
            ops.swiGlu(b.gateUp, b.hidden);
            ops.linear(b.hidden, block.getParam(DecoderBlock.DOWN), b.x, 1);
        }
        position += time;
        ops.rmsNorm(b.x, parameter(DecoderGraph.NORM, FinalNorm.GAIN), config.rmsNormEps(), b.norm, b.rms);
        int[] lastRows = new int[batch];
        for (int i = 0; i < batch; i++) {
            lastRows[i] = i * time + time - 1;
        }
        ops.gatherRows(b.norm, lastRows, b.last);
        ops.linear(b.last, headWeight(), b.logits, 0);
        return b.logits;
    }

    private INDArray headWeight() {
        return config.tiedEmbeddings()
                ? parameter(DecoderGraph.EMBEDDING, TokenEmbedding.TABLE)
                : parameter(DecoderGraph.HEAD, LmHead.WEIGHT);
    }

    private INDArray parameter(String vertex, String name) {
        return graph.getLayer(vertex).getParam(name);
    }

    private Buffers buffers(AttentionShape shape) {
        if (buffers == null || bufferTime != shape.time()) {
            buffers = new Buffers(type, config, shape);
            bufferTime = shape.time();
        }
        return buffers;
    }

    private static INDArray array(DataType type, long... shape) {
        return Nd4j.createUninitialized(type, shape, 'c');
    }
}
