package io.github.psft4j.transformer;

import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.LabelReader;
import io.github.psft4j.loss.LossSweep;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenLoss;
import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseOutputLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Head and token loss in one; see {@link LmHead}.
 *
 * <p>Only rows inside the loss mask are projected at all. They go through in chunks: logits, log-probs, objective,
 * gradient in place, then the two products that carry it to the hidden states and to the weight. An objective that must
 * see the whole mini-batch gets its log-probs in a first pass.
 */
final class LmHeadLayer extends BaseOutputLayer<LmHead> implements LayerWeights {

    private static final long serialVersionUID = 1L;

    /** Logits of a chunk of a small vocabulary, in elements: 16 MB in FLOAT. */
    private static final long CHUNK_ELEMENTS = 1L << 22;

    /**
     * With fewer rows the products lose speed, as the weight and its gradient pass through the cache once per chunk.
     */
    private static final int FAST_ROWS = 512;

    /** Logits of a chunk of a large vocabulary, in elements: 64 MB in FLOAT. */
    private static final long MOST_ELEMENTS = 1L << 24;

    transient TensorOps ops;
    transient TokenEmbeddingLayer embedding; // lends a tied head its weight, and says where sequences lie
    private transient Map<String, INDArray> all; // null: the parameters are all weights
    private transient boolean scoreIsFresh;
    private transient double value;

    LmHeadLayer(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
        ops = TensorOpsFactory.forType(type);
    }

    private INDArray headWeight() {
        if (!layerConf().tied()) {
            return weights().get(LmHead.WEIGHT);
        }
        if (embedding == null) {
            throw new IllegalStateException(
                    "the tied head is not linked to its embedding; call DecoderGraph.link(graph)"
                            + " after init() of a graph that was restored or cloned");
        }
        return embedding.weights().get(TokenEmbedding.TABLE);
    }

    /** Null for a frozen head. */
    private INDArray headGradient() {
        if (layerConf().tied()) {
            return embedding.gradientForHead();
        }
        return gradientViews == null ? null : gradientViews.get(LmHead.WEIGHT);
    }

    @Override
    public Map<String, INDArray> weights() {
        return all == null ? params : all;
    }

    @Override
    public void freeze(Map<String, INDArray> frozen) {
        all = LayerWeights.together(params, frozen);
    }

    private TokenLoss loss() {
        return (TokenLoss) layerConf().getLossFn();
    }

    /** Logits {@code [B, T, V]}. */
    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray logits = new LayerArrays(workspaces, dataType)
                .output(input.size(0), input.size(1), layerConf().getNOut());
        ops.products().linear(input, headWeight(), logits, 0);
        return logits;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        LayerArrays arrays = new LayerArrays(workspaces, dataType);
        INDArray dx = arrays.inputGradient(input.shape()); // [B, T, D]
        INDArray dw = headGradient(); // [V, D], null for a frozen head
        TokenBatch tokens = tokens();
        LossSweep sweep = loss().sweep(tokens);
        int n = tokens.size();
        long d = layerConf().getNIn();
        int chunk = chunk(n, layerConf().getNOut());
        boolean twoPasses = loss().objective().scope() != Scope.TOKEN && n > chunk;
        INDArray logits = arrays.backwardScratch(chunk, layerConf().getNOut()); // [chunk, V]
        INDArray hidden = arrays.backwardScratch(chunk, d); // [chunk, D]
        INDArray dHidden = arrays.backwardScratch(chunk, d); // [chunk, D]
        dx.assign(0);
        if (n == 0 && dw != null) {
            dw.assign(0);
        }
        if (twoPasses) {
            forward(sweep, tokens, hidden, logits, chunk);
            sweep.accept(0, n);
        }
        for (int from = 0; from < n; from += chunk) {
            int to = Math.min(n, from + chunk);
            int[] rows = Arrays.copyOfRange(tokens.rows(), from, to);
            INDArray x = LayerArrays.rows(hidden, 0, to - from, d);
            INDArray z = LayerArrays.rows(logits, 0, to - from, layerConf().getNOut());
            INDArray dxRows = LayerArrays.rows(dHidden, 0, to - from, d);
            project(rows, x, z);
            sweep.read(ops, z, from);
            if (!twoPasses) {
                sweep.accept(from, to);
            }
            sweep.gradient(ops, z, from);
            if (dw == null) {
                ops.products().gradInput(z, headWeight(), dxRows, 0);
            } else {
                ops.products().grad(z, x, headWeight(), dxRows, 0, dw, from == 0 ? 0 : 1);
            }
            ops.vectors().scatterAddRows(dxRows, rows, dx.reshape(dx.length() / d, d));
        }
        value = loss().finish(sweep, tokens);
        scoreIsFresh = true;
        Gradient gradient = DecoderLayerImpl.gradients(gradientViews, gradientsFlattened);
        return new Pair<>(gradient, dx);
    }

    /** Loss plus the network's regularization term; after a backward pass it costs nothing. */
    @Override
    public double computeScore(double regularization, boolean training, LayerWorkspaceMgr workspaces) {
        if (!scoreIsFresh) {
            TokenBatch tokens = tokens();
            LossSweep sweep = loss().sweep(tokens);
            LayerArrays arrays = new LayerArrays(workspaces, dataType);
            int chunk = chunk(tokens.size(), layerConf().getNOut());
            forward(
                    sweep,
                    tokens,
                    arrays.forwardScratch(chunk, layerConf().getNIn()),
                    arrays.forwardScratch(chunk, layerConf().getNOut()),
                    chunk);
            sweep.accept(0, tokens.size());
            value = loss().finish(sweep, tokens);
        }
        scoreIsFresh = false;
        score = value + regularization;
        return score;
    }

    /** Log-prob pass: fills the statistics of all tokens. */
    private void forward(LossSweep sweep, TokenBatch tokens, INDArray hidden, INDArray logits, int chunk) {
        for (int from = 0; from < tokens.size(); from += chunk) {
            int to = Math.min(tokens.size(), from + chunk);
            INDArray z = LayerArrays.rows(logits, 0, to - from, layerConf().getNOut());
            project(
                    Arrays.copyOfRange(tokens.rows(), from, to),
                    LayerArrays.rows(hidden, 0, to - from, layerConf().getNIn()),
                    z);
            sweep.read(ops, z, from);
        }
    }

    /** {@code x = input[rows]}, {@code z = x Wᵀ}. */
    private void project(int[] rows, INDArray x, INDArray z) {
        long d = layerConf().getNIn();
        ops.vectors().gatherRows(input.reshape('c', input.length() / d, d), rows, x);
        ops.products().linear(x, headWeight(), z, 0);
    }

    /** Bytes of the head's arrays for so many tokens: logits of a chunk, its hidden states and their gradient. */
    static long working(long tokens, long d, long vocabulary, int width) {
        long rows = chunk((int) Math.min(Integer.MAX_VALUE, tokens), vocabulary);
        return Math.multiplyExact(rows * width, vocabulary + 2 * d);
    }

    /** Rows whose logits exist at a time. */
    static int chunk(int tokens, long vocabulary) {
        long rows = Math.max(CHUNK_ELEMENTS / vocabulary, Math.min(FAST_ROWS, MOST_ELEMENTS / vocabulary));
        return (int) Math.max(1, Math.min(tokens, rows));
    }

    private TokenBatch tokens() {
        if (labels == null) {
            throw new IllegalStateException("labels are not set; call setLabels or fit with labels [B, C, T]");
        }
        if (labels.rank() != 3 || labels.size(0) != input.size(0) || labels.size(2) != input.size(1)) {
            throw new IllegalArgumentException("labels must be [B, C, T] with B = " + input.size(0) + ", T = "
                    + input.size(1) + ", got " + Arrays.toString(labels.shape()));
        }
        SequenceLayout segments =
                embedding == null ? SequenceLayout.whole((int) input.size(0), (int) input.size(1)) : embedding.layout();
        return LabelReader.sequences(
                labels, maskArray, loss().objective(), (int) layerConf().getNOut(), segments);
    }

    /** Token losses before aggregation are not offered per example; use {@link #computeScore} and the loss's report. */
    @Override
    public INDArray computeScoreForExamples(double regularization, LayerWorkspaceMgr workspaces) {
        computeScore(regularization, false, workspaces);
        double[] logProbs = loss().logProbs();
        INDArray out =
                workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, new long[] {logProbs.length, 1}, 'c');
        for (int i = 0; i < logProbs.length; i++) {
            out.putScalar(i, -logProbs[i]);
        }
        return out;
    }

    @Override
    protected INDArray getLabels2d(LayerWorkspaceMgr workspaces, ArrayType type) {
        throw new UnsupportedOperationException("the head reads labels [B, C, T] as they are");
    }
}
