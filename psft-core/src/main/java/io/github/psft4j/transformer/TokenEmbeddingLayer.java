package io.github.psft4j.transformer;

import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.Arrays;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Looks token ids up; see {@link TokenEmbedding}. */
public final class TokenEmbeddingLayer extends DecoderLayerImpl<TokenEmbedding> {

    private static final long serialVersionUID = 1L;

    private transient boolean headWroteGradient;
    transient EmbeddingNoise noise; // null: none
    transient boolean linked; // every layer of the graph asks this one for its layout
    private transient TokenInput tokens;

    TokenEmbeddingLayer(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        DecoderConfig c = layerConf().decoder();
        tokens = TokenInput.of(input);
        SequenceLayout segments = tokens.layout();
        if (!linked && !segments.isWhole()) {
            throw new IllegalStateException("the blocks do not know of the sequences in the input's rows;"
                    + " call DecoderGraph.link(graph) after init() of a graph that was restored or cloned");
        }
        check(tokens.ids(), segments, c);
        LayerArrays arrays = arrays(workspaces);
        INDArray out = arrays.output(segments.batch(), segments.time(), c.hiddenSize()); // [B, T, D]
        ops.vectors().gatherRows(weights().get(TokenEmbedding.TABLE), tokens.ids(), out);
        if (c.learnedPositions()) {
            INDArray positions = arrays.forwardScratch(segments.batch(), segments.time(), c.hiddenSize());
            ops.vectors().gatherRows(weights().get(TokenEmbedding.POSITIONS), segments.positions(), positions);
            ops.vectors().add(positions, out);
        }
        if (training && noise != null) {
            double[] values = noise.values(segments, c.hiddenSize());
            INDArray random = arrays.forwardScratch(segments.batch(), segments.time(), c.hiddenSize());
            random.assign(Nd4j.createFromArray(values).reshape('c', segments.batch(), segments.time(), c.hiddenSize()));
            ops.vectors().add(random, out);
        }
        return out;
    }

    /** Where the sequences of the last forward pass lay in its rows. */
    SequenceLayout layout() {
        if (tokens == null) {
            throw new IllegalStateException("the embedding has seen no tokens yet");
        }
        return tokens.layout();
    }

    /** Positions of the rows of a batch, {@code [B * T]}. */
    public static int[] positions(int batch, int time, int first) {
        int[] positions = new int[batch * time];
        Arrays.setAll(positions, row -> first + row % time);
        return positions;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray table = gradientTable().get(TokenEmbedding.TABLE); // [V, D]
        if (table != null) {
            if (!headWroteGradient) {
                table.assign(0);
            }
            ops.vectors().scatterAddRows(epsilon, tokens.ids(), table);
        }
        headWroteGradient = false;
        INDArray positions = gradientTable().get(TokenEmbedding.POSITIONS); // [maxPositions, D]
        if (positions != null) {
            positions.assign(0);
            ops.vectors().scatterAddRows(epsilon, tokens.layout().positions(), positions);
        }
        return new Pair<>(gradients(), null);
    }

    /**
     * Causal attention never looks to the right, so right padding needs no mask. This refuses anything else that a
     * feature mask may say, because no later layer would honour it.
     */
    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(INDArray mask, MaskState state, int minibatch) {
        if (mask != null) {
            double[] values = mask.dup('c').data().asDouble(); // [B, T]
            int time = (int) mask.size(1);
            for (int i = 0; i < values.length; i++) {
                boolean afterPadding = i % time > 0 && values[i - 1] == 0;
                if (values[i] != 0 && (values[i] != 1 || afterPadding)) {
                    throw new IllegalArgumentException("the feature mask of sequence " + i / time + " is " + values[i]
                            + " at position " + i % time + (afterPadding ? " behind padding" : "")
                            + "; sequences must be padded on the right, with ones and then zeros");
                }
            }
        }
        return super.feedForwardMaskArray(mask, state, minibatch);
    }

    /** Gradient table for a tied head to overwrite before this layer adds its own part; null if it is frozen. */
    INDArray gradientForHead() {
        headWroteGradient = true;
        return gradientTable().get(TokenEmbedding.TABLE);
    }

    /**
     * @param ids token ids {@code [B * T]}
     * @throws IllegalArgumentException if an id is outside the vocabulary or a sequence longer than the model's
     *     positions
     */
    static void check(int[] ids, SequenceLayout segments, DecoderConfig config) {
        if (segments.longest() > config.longestSequence()) {
            throw new IllegalArgumentException(
                    "a sequence of " + segments.longest() + " tokens is longer than the model's "
                            + config.longestSequence() + " positions (max_position_embeddings); shorten it");
        }
        config.checkIds(ids, i -> "at " + TokenInput.place(i, segments.time()));
    }
}
