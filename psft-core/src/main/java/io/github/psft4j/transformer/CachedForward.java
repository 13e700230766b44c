package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.TensorOps;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The decoder's forward pass for generation: the blocks of {@link BlockForward} with keys and values of earlier positions from a
 * cache. One object serves one batch of equally long prompts, inside the caller's workspace.
 */
final class CachedForward {

    /** Working arrays for T new tokens per sequence; n = B*T rows. */
    private static final class Buffers {
        final INDArray x; // [n, D]
        final INDArray positions; // [n, D], null without learned positions
        final INDArray norm; // [n, D]
        final INDArray inverse; // [n]
        final INDArray last; // [B, D]
        final INDArray logits; // [B, V]
        final BlockForward.State block;

        Buffers(DataType type, DecoderConfig c, AttentionShape shape) {
            int n = shape.rows();
            x = array(type, n, c.hiddenSize());
            positions = c.learnedPositions() ? array(type, n, c.hiddenSize()) : null;
            norm = array(type, n, c.hiddenSize());
            inverse = array(type, n);
            last = array(type, shape.batch(), c.hiddenSize());
            logits = array(type, shape.batch(), c.vocabSize());
            block = BlockForward.State.allocate(c, shape, dims -> array(type, dims));
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
        this.ops = DecoderGraph.ops(graph);
        this.cache = new INDArray[config.layers()];
        for (int i = 0; i < cache.length; i++) {
            cache[i] = array(type, batch, capacity, 2L * config.kvHeads() * config.headDim());
        }
    }

    /**
     * Feeds T new tokens per sequence and returns the logits after the last of them, {@code [B, V]}; overwritten by the next call.
     *
     * @param ids token ids {@code [B * T]}, sequence-major
     */
    INDArray forward(int[] ids) {
        int time = ids.length / batch;
        Buffers b = buffers(time);
        ops.gatherRows(parameter(DecoderGraph.EMBEDDING, TokenEmbedding.TABLE), ids, b.x);
        if (config.learnedPositions()) {
            int[] positions = TokenEmbeddingLayer.positions(batch, time, position);
            ops.gatherRows(parameter(DecoderGraph.EMBEDDING, TokenEmbedding.POSITIONS), positions, b.positions);
            ops.add(b.positions, b.x);
        }
        BlockForward block = new BlockForward(ops, config);
        for (int i = 0; i < cache.length; i++) {
            Layer layer = graph.getLayer(DecoderGraph.block(i));
            INDArray keysValues = cache[i];
            block.run(
                    b.x,
                    name -> layer.paramTable().get(name),
                    config.attention(i, batch, time),
                    position,
                    b.block,
                    (qkv, shape, out) -> {
                        ops.storeKeysValues(qkv, shape, keysValues, position);
                        ops.attentionCached(qkv, shape, keysValues, position, out);
                    },
                    b.x);
        }
        position += time;
        INDArray gain = parameter(DecoderGraph.NORM, FinalNorm.GAIN);
        INDArray bias = parameter(DecoderGraph.NORM, FinalNorm.NORM_BIAS);
        new Norm(ops, config).forward(b.x, gain, bias, b.norm, b.inverse);
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
        return graph.getLayer(vertex).paramTable().get(name);
    }

    private Buffers buffers(int time) {
        if (buffers == null || bufferTime != time) {
            buffers = new Buffers(type, config, config.attention(0, batch, time));
            bufferTime = time;
        }
        return buffers;
    }

    private static INDArray array(DataType type, long... shape) {
        return Nd4j.createUninitialized(type, shape, 'c');
    }
}
