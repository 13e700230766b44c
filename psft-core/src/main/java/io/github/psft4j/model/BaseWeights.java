package io.github.psft4j.model;

import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.LmHead;
import io.github.psft4j.transformer.TokenEmbedding;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The weights of a base model under an adapter or alone, by vertex and name. They are no parameters of a network. */
final class BaseWeights {

    private final Map<String, Map<String, INDArray>> byVertex = new LinkedHashMap<>();

    /**
     * Uninitialised weights of an architecture.
     *
     * @param type of vectors and learned positions
     * @param matrices type of all others
     */
    BaseWeights(DecoderConfig config, DataType type, DataType matrices) {
        try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) { // they outlive the caller's
            for (String vertex : DecoderGraph.vertices(config)) {
                Map<String, INDArray> weights = new LinkedHashMap<>();
                DecoderGraph.weightShapes(config, vertex).forEach((name, shape) -> {
                    boolean matrix = shape.length > 1 && !name.equals(TokenEmbedding.POSITIONS);
                    weights.put(name, WeightMemory.unfilled(matrix ? matrices : type, shape));
                });
                byVertex.put(vertex, weights);
            }
        }
    }

    /** A weight, null if the vertex has none of this name. */
    INDArray get(String vertex, String name) {
        return byVertex.get(vertex).get(name);
    }

    /** Gives the head the table of the embedding as its own weight; no copy is made. */
    void untie() {
        byVertex.get(DecoderGraph.HEAD).put(LmHead.WEIGHT, get(DecoderGraph.EMBEDDING, TokenEmbedding.TABLE));
    }

    /** Hands the weights to a graph: trained ones are copied into its parameters, the others are frozen. */
    void giveTo(ComputationGraph graph) {
        byVertex.forEach((vertex, weights) -> {
            Map<String, INDArray> parameters = graph.getLayer(vertex).paramTable();
            Map<String, INDArray> frozen = new LinkedHashMap<>();
            weights.forEach((name, weight) -> {
                INDArray parameter = parameters == null ? null : parameters.get(name);
                if (parameter == null) {
                    frozen.put(name, weight);
                } else {
                    parameter.assign(weight);
                }
            });
            DecoderGraph.freeze(graph, vertex, frozen);
        });
    }
}
