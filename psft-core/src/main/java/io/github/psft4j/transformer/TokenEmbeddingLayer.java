package io.github.psft4j.transformer;

import java.util.Arrays;
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
        int[] ids = ids();
        INDArray out = arrays(workspaces)
                .output(input.size(0), input.size(1), layerConf().hiddenSize()); // [B, T, D]
        ops.gatherRows(weight(TokenEmbedding.TABLE), ids, out);
        return out;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray table = gradientOf(TokenEmbedding.TABLE); // [V, D]
        if (!headWroteGradient) {
            table.assign(0);
        }
        headWroteGradient = false;
        ops.scatterAddRows(epsilon, ids(), table);
        return new Pair<>(gradients(), null);
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
        int vocabulary = layerConf().vocabSize();
        double[] values = input.dup('c').data().asDouble();
        int[] ids = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            ids[i] = (int) values[i];
            if (ids[i] != values[i] || ids[i] < 0 || ids[i] >= vocabulary) {
                throw new IllegalArgumentException("token id " + values[i] + " at sequence " + i / input.size(1)
                        + ", position " + i % input.size(1) + " is outside the vocabulary [0, " + vocabulary
                        + "); check that the tokenizer belongs to the model");
            }
        }
        return ids;
    }
}
