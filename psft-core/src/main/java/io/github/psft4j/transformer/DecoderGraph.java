package io.github.psft4j.transformer;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.TokenLoss;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Builds a decoder as a {@link ComputationGraph}: {@code tokens -> embedding -> block0 .. -> norm -> head}.
 *
 * <p>The graph is made with {@code miniBatch(false)}, because token losses are means already, and with workspaces
 * enabled, without which a step is several times slower.
 */
public final class DecoderGraph {

    /** Name of the input, token ids {@code [B, T]} or {@code [B, 2, T]}; see {@link TokenEmbedding}. */
    public static final String INPUT = "tokens";

    /** Vertex of the embedding. */
    public static final String EMBEDDING = "embedding";

    /** Vertex of the final norm. */
    public static final String NORM = "norm";

    /** Vertex of the head. */
    public static final String HEAD = "head";

    private DecoderGraph() {}

    /** Vertex of block i. */
    public static String block(int i) {
        return "block" + i;
    }

    /** Network configuration of a decoder. */
    public static ComputationGraphConfiguration configuration(
            DecoderConfig config, TokenLoss loss, IUpdater updater, DataType type, long seed) {
        ComputationGraphConfiguration.GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(type)
                .miniBatch(false)
                .updater(updater)
                .trainingWorkspaceMode(WorkspaceMode.ENABLED)
                .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
                .graphBuilder()
                .addInputs(INPUT)
                .addLayer(EMBEDDING, new TokenEmbedding(config), INPUT);
        String below = EMBEDDING;
        for (int i = 0; i < config.layers(); i++) {
            graph.addLayer(block(i), new DecoderBlock(config, i), below);
            below = block(i);
        }
        return graph.addLayer(NORM, new FinalNorm(config), below)
                .addLayer(HEAD, new LmHead(config, loss), NORM)
                .setOutputs(HEAD)
                .build();
    }

    /** A freshly initialised graph of the configuration, its tied head linked. */
    public static ComputationGraph create(ComputationGraphConfiguration configuration) {
        ComputationGraph graph = new ComputationGraph(configuration);
        try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) { // weights outlive the caller's
            graph.init();
        }
        return link(graph);
    }

    /**
     * Links the blocks and the head of an initialised graph to its embedding. The embedding says where sequences lie in
     * the input's rows and lends a tied head its weight. Returns the graph.
     */
    public static ComputationGraph link(ComputationGraph graph) {
        Layer head = graph.getLayer(HEAD);
        Layer embedding = graph.getLayer(EMBEDDING);
        if (!(head instanceof LmHeadLayer h) || !(embedding instanceof TokenEmbeddingLayer e)) {
            throw new IllegalArgumentException("not a decoder graph: vertices '" + EMBEDDING + "' and '" + HEAD
                    + "' must be a TokenEmbedding and an LmHead");
        }
        h.embedding = e;
        for (Layer layer : graph.getLayers()) {
            if (layer instanceof DecoderBlockLayer block) {
                block.embedding = e;
            }
        }
        e.linked = true;
        return graph;
    }

    /**
     * Makes the linear layers of a decoder graph compute in the given precision from now on, in training, scoring and
     * generation. It is no part of the configuration: a graph that is restored, cloned or newly made starts in F32.
     *
     * @throws IllegalArgumentException with the reason, if BF16 is not possible on this machine or would not be faster
     */
    public static void setPrecision(ComputationGraph graph, Precision precision) {
        if (ops(graph).products().precision() == precision) {
            return;
        }
        use(graph, TensorOpsFactory.forType(graph.params().dataType(), precision));
    }

    /** Makes a decoder graph compute by other operations from now on, such as ones that measure. */
    public static void use(ComputationGraph graph, TensorOps ops) {
        for (Layer layer : graph.getLayers()) {
            if (layer instanceof DecoderLayerImpl<?> part) {
                part.ops = ops;
            } else if (layer instanceof LmHeadLayer head) {
                head.ops = ops;
            }
        }
    }

    /** The operations that a decoder graph computes by. */
    public static TensorOps ops(ComputationGraph graph) {
        if (graph.getLayer(EMBEDDING) instanceof TokenEmbeddingLayer embedding) {
            return embedding.ops;
        }
        throw new IllegalArgumentException("not a decoder graph: vertex '" + EMBEDDING + "' must be a TokenEmbedding");
    }
}
