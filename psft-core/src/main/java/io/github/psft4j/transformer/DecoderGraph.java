package io.github.psft4j.transformer;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
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

    /** Stands for seed 0, in whose place ND4J takes the clock. */
    private static final long ZERO = 0x9E3779B97F4A7C15L;

    private DecoderGraph() {}

    /** Vertex of block i. */
    public static String block(int i) {
        return "block" + i;
    }

    /** Network configuration of a decoder. */
    public static ComputationGraphConfiguration configuration(
            DecoderConfig config, TokenLoss loss, IUpdater updater, DataType type, long seed) {
        return configuration(config, vertex -> null, loss, updater, type, seed);
    }

    /**
     * Network configuration of a decoder of which only a part is trained.
     *
     * @param trained by vertex; null for all its weights. {@link #freeze} gives the graph the others.
     */
    public static ComputationGraphConfiguration configuration(
            DecoderConfig config,
            Function<String, TrainedPart> trained,
            TokenLoss loss,
            IUpdater updater,
            DataType type,
            long seed) {
        LmHead head = new LmHead(config, loss).train(trained.apply(HEAD));
        return configuration(config, trained, head, updater, type, seed);
    }

    /** Network configuration of a decoder, all of which is trained, whose head computes a value. */
    public static ComputationGraphConfiguration configuration(
            DecoderConfig config, LmHead.Output output, TokenLoss loss, IUpdater updater, DataType type) {
        LmHead head = new LmHead(config, loss).compute(output);
        return configuration(config, vertex -> null, head, updater, type, 0);
    }

    private static ComputationGraphConfiguration configuration(
            DecoderConfig config,
            Function<String, TrainedPart> trained,
            LmHead head,
            IUpdater updater,
            DataType type,
            long seed) {
        ComputationGraphConfiguration.GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .seed(seed == 0 ? ZERO : seed)
                .dataType(type)
                .miniBatch(false)
                .updater(updater)
                .trainingWorkspaceMode(WorkspaceMode.ENABLED)
                .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
                .graphBuilder()
                .addInputs(INPUT)
                .addLayer(EMBEDDING, new TokenEmbedding(config).train(trained.apply(EMBEDDING)), INPUT);
        String below = EMBEDDING;
        for (int i = 0; i < config.layers(); i++) {
            graph.addLayer(block(i), new DecoderBlock(config, i).train(trained.apply(block(i))), below);
            below = block(i);
        }
        return graph.addLayer(NORM, new FinalNorm(config).train(trained.apply(NORM)), below)
                .addLayer(HEAD, head, NORM)
                .setOutputs(HEAD)
                .build();
    }

    /** The vertices of a decoder from the input on. */
    public static List<String> vertices(DecoderConfig config) {
        List<String> vertices = new ArrayList<>();
        vertices.add(EMBEDDING);
        for (int i = 0; i < config.layers(); i++) {
            vertices.add(block(i));
        }
        vertices.add(NORM);
        vertices.add(HEAD);
        return vertices;
    }

    /** Names and shapes of the weights of a vertex. */
    public static Map<String, long[]> weightShapes(DecoderConfig config, String vertex) {
        return switch (vertex) {
            case EMBEDDING -> new TokenEmbedding(config).weightShapes();
            case NORM -> new FinalNorm(config).weightShapes();
            case HEAD -> LmHead.weightShapes(config);
            default -> new DecoderBlock(config, 0).weightShapes();
        };
    }

    /** The weights of a vertex by name, trained and frozen. */
    public static Map<String, INDArray> weights(ComputationGraph graph, String vertex) {
        return ((DecoderWeights.OfLayer) graph.getLayer(vertex)).weights();
    }

    /** What the head computes. */
    public static LmHead.Output output(ComputationGraph graph) {
        return ((LmHead) graph.getLayer(HEAD).conf().getLayer()).output();
    }

    /** The weights of block i with its adapters, unless these are switched off. */
    public static BlockWeights weights(ComputationGraph graph, int i) {
        return ((DecoderBlockLayer) graph.getLayer(block(i))).blockWeights();
    }

    /** Gives a vertex the weights that it does not train, after the graph is initialised. */
    public static void freeze(ComputationGraph graph, String vertex, Map<String, INDArray> frozen) {
        ((DecoderWeights.OfLayer) graph.getLayer(vertex)).freeze(frozen);
    }

    /**
     * Makes all blocks keep their input alone and run again for their gradient, or keep everything, as they do at
     * first. The gradient is the same bit for bit. It takes about a third more time, and memory for one block's
     * activations instead of all.
     */
    public static void setRecompute(ComputationGraph graph, boolean on) {
        for (Layer layer : graph.getLayers()) {
            if (layer instanceof DecoderBlockLayer block) {
                block.setRecompute(on);
            }
        }
    }

    /** Whether blocks keep their input alone; see {@link #setRecompute}. */
    public static boolean isRecompute(ComputationGraph graph) {
        return graph.getLayer(block(0)) instanceof DecoderBlockLayer block && block.isRecompute();
    }

    /** Makes all blocks compute with their adapters, as they do at first, or without. */
    public static void switchAdapters(ComputationGraph graph, boolean on) {
        for (Layer layer : graph.getLayers()) {
            if (layer instanceof DecoderBlockLayer block) {
                block.switchAdapters(on);
            }
        }
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
