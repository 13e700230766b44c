package io.github.psft4j.transformer;

import java.util.Arrays;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Looks token ids up; see {@link TokenEmbedding}. */
final class TokenEmbeddingLayer extends DecoderLayerImpl<TokenEmbedding> {

    private static final long serialVersionUID = 1L;

    private transient boolean headWroteGradient;

    TokenEmbeddingLayer(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        DecoderConfig c = layerConf().decoder();
        int[] ids = ids();
        int batch = (int) input.size(0);
        int time = (int) input.size(1);
        check(ids, time, c);
        Activations arrays = arrays(workspaces);
        INDArray out = arrays.output(batch, time, c.hiddenSize()); // [B, T, D]
        ops.gatherRows(weight(TokenEmbedding.TABLE), ids, out);
        if (c.learnedPositions()) {
            INDArray positions = arrays.forwardScratch(batch, time, c.hiddenSize());
            ops.gatherRows(weight(TokenEmbedding.POSITIONS), positions(batch, time, 0), positions);
            ops.add(positions, out);
        }
        return out;
    }

    /** Positions of the rows of a batch, {@code [B * T]}. */
    static int[] positions(int batch, int time, int first) {
        int[] positions = new int[batch * time];
        Arrays.setAll(positions, row -> first + row % time);
        return positions;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray table = gradientOf(TokenEmbedding.TABLE); // [V, D]
        if (!headWroteGradient) {
            table.assign(0);
        }
        headWroteGradient = false;
        ops.scatterAddRows(epsilon, ids(), table);
        if (layerConf().decoder().learnedPositions()) {
            INDArray positions = gradientOf(TokenEmbedding.POSITIONS); // [maxPositions, D]
            positions.assign(0);
            ops.scatterAddRows(epsilon, positions((int) input.size(0), (int) input.size(1), 0), positions);
        }
        return new Pair<>(gradients(), null);
    }

    /**
     * Causal attention never looks to the right, so right padding needs no mask; anything else a feature mask may say is refused
     * here, because no layer behind would honour it.
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

    /** Gradient table for a tied head to overwrite before this layer adds its own part. */
    INDArray gradientForHead() {
        headWroteGradient = true;
        return gradientOf(TokenEmbedding.TABLE);
    }

    private int[] ids() {
        if (input.rank() != 2) {
            throw new IllegalArgumentException(
                    "the decoder reads token ids [B, T], got shape " + Arrays.toString(input.shape()));
        }
        double[] values = input.dup('c').data().asDouble();
        int[] ids = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            ids[i] = (int) values[i];
            if (ids[i] != values[i]) {
                throw new IllegalArgumentException("token id " + values[i] + " at sequence " + i / input.size(1)
                        + ", position " + i % input.size(1) + " is not a whole number");
            }
        }
        return ids;
    }

    /**
     * @param ids token ids {@code [B * T]}
     * @throws IllegalArgumentException if an id is outside the vocabulary or T longer than the model's positions
     */
    static void check(int[] ids, int time, DecoderConfig config) {
        if (time > config.longestSequence()) {
            throw new IllegalArgumentException("a sequence of " + time + " tokens is longer than the model's "
                    + config.longestSequence() + " positions (max_position_embeddings); shorten it");
        }
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= config.vocabSize()) {
                throw new IllegalArgumentException("token id " + ids[i] + " at sequence " + i / time + ", position "
                        + i % time + " is outside the vocabulary [0, " + config.vocabSize()
                        + "); check that the tokenizer belongs to the model");
            }
        }
    }
}
