package io.github.psft4j.transformer;

import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WeightAndBias;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The weights of a decoder graph, for the passes that run outside it. They are views: an update of the graph shows, but
 * one of its adapters shows in new ones only.
 *
 * @param table of the token embedding, {@code [V, D]}
 * @param positions learned ones {@code [maxPositions, D]}; null with rotary positions
 * @param blocks of the blocks, from the lowest
 * @param norm of the final norm
 * @param head {@code [V, D]}; the table itself where the head is tied; null for a critic with a trunk of its own
 * @param value of the value {@code [1, D]} and {@code [1]}; null for a model without one
 */
public record DecoderWeights(
        INDArray table,
        INDArray positions,
        List<BlockWeights> blocks,
        WeightAndBias norm,
        INDArray head,
        WeightAndBias value) {

    /** The weights of a graph of {@link DecoderGraph}. */
    public static DecoderWeights of(ComputationGraph graph, DecoderConfig config) {
        Map<String, INDArray> embedding = DecoderGraph.weights(graph, DecoderGraph.EMBEDDING);
        INDArray table = embedding.get(TokenEmbedding.TABLE);
        Map<String, INDArray> head = DecoderGraph.weights(graph, DecoderGraph.HEAD);
        LmHead.Output output = DecoderGraph.output(graph);
        return new DecoderWeights(
                table,
                embedding.get(TokenEmbedding.POSITIONS),
                IntStream.range(0, config.layers())
                        .mapToObj(i -> DecoderGraph.weights(graph, i))
                        .toList(),
                FinalNorm.weights(DecoderGraph.weights(graph, DecoderGraph.NORM)),
                output.logits() && config.tiedEmbeddings() ? table : head.get(LmHead.WEIGHT),
                output.value() ? WeightAndBias.of(head, LmHead.VALUE, LmHead.VALUE_BIAS) : null);
    }

    /**
     * Looks up tokens and adds their positions if these are learned.
     *
     * @param ids token ids {@code [n]}
     * @param rows asked for the positions of the tokens in their sequences, {@code [n]}, if these are learned
     * @param scratch {@code [n, D]}; may be null with rotary positions
     * @param out {@code [n, D]}
     */
    public void embed(TensorOps ops, int[] ids, Supplier<int[]> rows, INDArray scratch, INDArray out) {
        ops.vectors().gatherRows(table, ids, out);
        if (positions != null) {
            ops.vectors().gatherRows(positions, rows.get(), scratch);
            ops.vectors().add(scratch, out);
        }
    }

    /**
     * A working layer whose weights need not all be parameters of the network: it computes with frozen ones as well.
     */
    interface OfLayer {

        /** All weights by name, frozen and trained. */
        Map<String, INDArray> weights();

        /** Gives the layer the weights that it does not train. */
        void freeze(Map<String, INDArray> frozen);

        /** Both in one table. */
        static Map<String, INDArray> together(Map<String, INDArray> parameters, Map<String, INDArray> frozen) {
            Map<String, INDArray> all = new LinkedHashMap<>(frozen);
            if (parameters != null) {
                all.putAll(parameters);
            }
            return all;
        }
    }
}
