package io.github.psft4j.transformer;

import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.loss.ReferenceLogits;
import io.github.psft4j.transformer.config.DecoderConfig;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Whole distributions of a frozen reference model for dense objectives. {@link #prepare} runs its blocks once per
 * micro-batch and keeps the final hidden states {@code [B*T, D]}; {@link #rows} projects the rows of one chunk at a
 * time.
 *
 * <p>Its arrays grow to the largest request and are then reused.
 */
public final class ReferencePass implements ReferenceLogits {

    private final LogProbPass pass;
    private final DecoderConfig config;
    private final DataType type;
    private final TensorOps ops;
    private final INDArray head; // [V, D]
    private final double temperature;
    private INDArray hidden; // [longest batch]
    private INDArray chunk; // [longest chunk of hidden rows]
    private INDArray logits; // [longest chunk of logits]
    private long rows; // prepared

    /**
     * @param graph the reference, a graph of {@link DecoderGraph}; its weights must not change while it is one
     * @param config its architecture
     * @param temperature its logits are divided by it; above 0, 1 for the model as it is
     */
    public ReferencePass(ComputationGraph graph, DecoderConfig config, double temperature) {
        this.temperature = temperature;
        this.pass = new LogProbPass(graph, config);
        this.config = config;
        this.type = graph.params().dataType();
        this.ops = DecoderGraph.ops(graph);
        this.head = DecoderWeights.of(graph, config).head();
    }

    /**
     * Makes the next calls of {@link #rows} answer for this micro-batch.
     *
     * @param ids token ids {@code [B * T]}, any id of the vocabulary for padding
     * @param segments where the sequences lie in the rows
     */
    public void prepare(int[] ids, SequenceLayout segments) {
        rows = ids.length;
        hidden = grown(hidden, rows * config.hiddenSize());
        pass.hidden(ids, segments, LayerArrays.rows(hidden, 0, rows, config.hiddenSize()));
    }

    @Override
    public INDArray rows(int[] wanted) {
        if (rows == 0) {
            throw new IllegalStateException("the reference has seen no mini-batch; call prepare first");
        }
        chunk = grown(chunk, (long) wanted.length * config.hiddenSize());
        logits = grown(logits, (long) wanted.length * config.vocabSize());
        INDArray x = LayerArrays.rows(chunk, 0, wanted.length, config.hiddenSize()); // [n, D]
        INDArray z = LayerArrays.rows(logits, 0, wanted.length, config.vocabSize()); // [n, V]
        ops.vectors().gatherRows(LayerArrays.rows(hidden, 0, rows, config.hiddenSize()), wanted, x);
        ops.products().linear(x, head, z, 0);
        if (temperature != 1) {
            ops.vectors().scale(z, 1 / temperature);
        }
        return z;
    }

    private INDArray grown(INDArray array, long length) {
        if (array != null && array.length() >= length) {
            return array;
        }
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return Nd4j.createUninitialized(type, length);
        }
    }
}
