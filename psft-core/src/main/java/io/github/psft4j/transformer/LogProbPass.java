package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.loss.NonFiniteLossException;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The pass without gradients that freezes pi_old and scores sequences. It runs the blocks of {@link BlockForward} one
 * after the other over shared working arrays, then the head for the wanted tokens alone, in chunks. It costs a forward
 * pass and holds one layer's activations; a network's own score keeps those of every layer.
 */
public final class LogProbPass {

    /** Working arrays live here: it grows to the largest batch and is then reused. */
    private static final String WORKSPACE = "PSFT4J_LOG_PROBS";

    private static final WorkspaceConfiguration MEMORY = WorkspaceConfiguration.builder()
            .policyLearning(LearningPolicy.FIRST_LOOP)
            .policySpill(SpillPolicy.REALLOCATE)
            .build();

    private final ComputationGraph graph;
    private final DecoderConfig config;
    private final DataType type;
    private final double temperature;
    private TensorOps ops;

    /**
     * @param graph a graph of {@link DecoderGraph}
     * @param config its architecture
     */
    public LogProbPass(ComputationGraph graph, DecoderConfig config) {
        this(graph, config, 1);
    }

    /** @param temperature of the policy softmax(logits / temperature), whose log-probs are taken; above 0 */
    public LogProbPass(ComputationGraph graph, DecoderConfig config, double temperature) {
        this.temperature = temperature;
        this.graph = graph;
        this.config = config;
        this.type = graph.params().dataType();
    }

    /**
     * Fills {@link TokenBatch#statistics()}, and {@link TokenBatch#top()} where it is asked for, under the current
     * weights.
     *
     * @param ids token ids {@code [B * T]}, sequence-major, padded on the right with any id of the vocabulary
     * @param batch number of sequences, B
     * @param tokens the tokens to score: the prediction at row {@code b*T + t} is of token t + 1 of sequence b
     * @throws IllegalArgumentException if an id is outside the vocabulary or a sequence longer than the model's
     *     positions
     * @throws NonFiniteLossException if a log-prob is not a number
     */
    public void run(int[] ids, int batch, TokenBatch tokens) {
        run(ids, SequenceLayout.whole(batch, ids.length / batch), tokens);
    }

    /**
     * The same for rows that hold sequences as the layout says.
     *
     * @param ids token ids {@code [B * T]}, any id of the vocabulary for padding
     * @param tokens the tokens to score: the prediction at a row is of the token behind it in its sequence
     */
    public void run(int[] ids, SequenceLayout segments, TokenBatch tokens) {
        TokenEmbeddingLayer.check(ids, segments, config);
        // The last token of a sequence is no input, and its log-prob would be read from another row.
        config.checkIds(tokens.targets(), t -> "to be predicted in sequence " + tokens.sequence(t));
        try (WeightScope weights = DecoderGraph.ops(graph).products().holdWeights();
                MemoryWorkspace scope = Nd4j.getWorkspaceManager().getAndActivateWorkspace(MEMORY, WORKSPACE)) {
            DecoderWeights own = DecoderWeights.of(graph, config);
            if (own.head() == null) {
                throw new IllegalStateException("a critic with a trunk of its own has no logits; ask the policy");
            }
            head(own.head(), hidden(own, ids, segments), tokens);
        }
    }

    /**
     * Fills {@link TokenBatch#values()} alone, of a model with a value head.
     *
     * @param tokens the tokens before which the critic is asked, whose batch has values
     * @throws NonFiniteLossException if a value is not finite
     */
    public void values(int[] ids, SequenceLayout segments, TokenBatch tokens) {
        TokenEmbeddingLayer.check(ids, segments, config);
        try (WeightScope weights = DecoderGraph.ops(graph).products().holdWeights();
                MemoryWorkspace scope = Nd4j.getWorkspaceManager().getAndActivateWorkspace(MEMORY, WORKSPACE)) {
            DecoderWeights own = DecoderWeights.of(graph, config);
            INDArray hidden = hidden(own, ids, segments);
            INDArray rows = array(tokens.size(), config.hiddenSize()); // [n, D]
            ops.vectors().gatherRows(hidden, tokens.rows(), rows);
            LmHeadLayer.readValues(ops, own.value(), rows, array(tokens.size(), 1), tokens, 0);
        }
        for (int t = 0; t < tokens.size(); t++) {
            if (!Double.isFinite(tokens.value(t))) {
                throw new NonFiniteLossException("pass of the critic", tokens, t, tokens.value(t));
            }
        }
    }

    /** Hidden states after the final norm, {@code [B * T, D]}. */
    private INDArray hidden(DecoderWeights weights, int[] ids, SequenceLayout segments) {
        ops = DecoderGraph.ops(graph); // the precision may have changed since the last pass
        int n = ids.length;
        INDArray x = array(n, config.hiddenSize()); // [n, D]
        INDArray positions = config.learnedPositions() ? array(n, config.hiddenSize()) : null; // [n, D]
        weights.embed(ops, ids, segments::positions, positions, x);
        AttentionShape any = config.attention(0, segments);
        BlockForward.State state =
                BlockForward.State.allocate(config, any, x, BlockForward.Room.of(weights.blocks()), this::array);
        INDArray logSumExp = WholeSequences.logSumExp(any, this::array);
        KeysAndValues keysAndValues = new WholeSequences(ops, config.rotary(segments), logSumExp, this::array);
        BlockForward block = new BlockForward(ops, config);
        for (int i = 0; i < config.layers(); i++) {
            block.run(x, weights.blocks().get(i), config.attention(i, segments), keysAndValues, state, x);
        }
        INDArray out = state.attention().norm();
        ops.norms()
                .forward(
                        x,
                        weights.norm(),
                        config.normEps(),
                        out,
                        state.attention().inverse());
        return out;
    }

    /** Copies the hidden states after the final norm to out, {@code [B * T, D]}. */
    void hidden(int[] ids, SequenceLayout segments, INDArray out) {
        TokenEmbeddingLayer.check(ids, segments, config);
        try (MemoryWorkspace scope = Nd4j.getWorkspaceManager().getAndActivateWorkspace(MEMORY, WORKSPACE)) {
            INDArray states = hidden(DecoderWeights.of(graph, config), ids, segments);
            ops.vectors().copy(states, out);
        }
    }

    private void head(INDArray weight, INDArray hidden, TokenBatch tokens) {
        int chunk = LmHeadLayer.chunk(tokens.size(), config.vocabSize());
        INDArray rows = array(chunk, config.hiddenSize()); // [chunk, D]
        INDArray logits = array(chunk, config.vocabSize()); // [chunk, V]
        for (int from = 0; from < tokens.size(); from += chunk) {
            int to = Math.min(tokens.size(), from + chunk);
            INDArray x = LayerArrays.rows(rows, 0, to - from, config.hiddenSize());
            INDArray z = LayerArrays.rows(logits, 0, to - from, config.vocabSize());
            ops.vectors().gatherRows(hidden, Arrays.copyOfRange(tokens.rows(), from, to), x);
            ops.products().linear(x, weight, z, 0);
            if (temperature != 1) {
                ops.vectors().scale(z, 1 / temperature);
            }
            if (tokens.hasTop()) {
                tokens.top().read(ops, z, from);
            }
            ops.softmax().forward(z, tokens.targets(), from, tokens.statistics());
        }
        for (int t = 0; t < tokens.size(); t++) {
            if (Double.isNaN(tokens.logProb(t))) {
                throw new NonFiniteLossException("log-prob pass", tokens, t, Double.NaN);
            }
        }
    }

    private INDArray array(long... shape) {
        return Nd4j.createUninitialized(type, shape, 'c');
    }
}
