package io.github.psft4j.transformer;

import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WeightAndBias;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.LabelReader;
import io.github.psft4j.loss.LossSweep;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.loss.ValueObjective;
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
final class LmHeadLayer extends BaseOutputLayer<LmHead> implements DecoderWeights.OfLayer {

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
    final transient GradientSum.OfLayer gradients = new GradientSum.OfLayer();
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
        return gradientTable().get(LmHead.WEIGHT);
    }

    private Map<String, INDArray> gradientTable() {
        return gradients.table(conf, gradientViews, gradientsFlattened);
    }

    @Override
    public Map<String, INDArray> weights() {
        return all == null ? params : all;
    }

    @Override
    public void freeze(Map<String, INDArray> frozen) {
        all = DecoderWeights.OfLayer.together(params, frozen);
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
        TokenBatch tokens = tokens();
        LossSweep sweep = loss().sweep(tokens);
        int n = tokens.size();
        long d = layerConf().getNIn();
        int chunk = chunk(n, layerConf().getNOut());
        boolean twoPasses = loss().objective().scope() != Scope.TOKEN && n > chunk;
        Chunk part = new Chunk(tokens, chunk, (rows, width) -> arrays.backwardScratch(rows, width));
        INDArray dHidden = arrays.backwardScratch(chunk, d); // [chunk, D]
        dx.assign(0);
        clear(n == 0, tokens.values() == null);
        if (twoPasses) {
            forward(sweep, part);
            sweep.accept(0, n);
        }
        for (int from = 0; from < n; from += chunk) {
            int to = Math.min(n, from + chunk);
            INDArray dxRows = LayerArrays.rows(dHidden, 0, to - from, d);
            if (!twoPasses || from > 0) { // the first pass has left the first chunk
                part.read(sweep, from, to);
            }
            if (!twoPasses) {
                sweep.accept(from, to);
            }
            part.gradient(sweep, dxRows);
            ops.vectors().scatterAddRows(dxRows, part.rows(), dx.reshape(dx.length() / d, d));
        }
        value = loss().finish(sweep, tokens);
        scoreIsFresh = true;
        gradients.add(ops, gradientsFlattened);
        return new Pair<>(DecoderLayerImpl.gradients(gradientViews, gradientsFlattened), dx);
    }

    /** Gradients that no chunk writes. */
    private void clear(boolean nothing, boolean noValues) {
        INDArray dw = layerConf().output().logits() ? headGradient() : null;
        if (nothing && dw != null) {
            dw.assign(0);
        }
        if (layerConf().output().value() && (nothing || noValues)) {
            gradientTable().get(LmHead.VALUE).assign(0);
            gradientTable().get(LmHead.VALUE_BIAS).assign(0);
        }
    }

    /** Loss plus the network's regularization term; after a backward pass it costs nothing. */
    @Override
    public double computeScore(double regularization, boolean training, LayerWorkspaceMgr workspaces) {
        if (!scoreIsFresh) {
            TokenBatch tokens = tokens();
            LossSweep sweep = loss().sweep(tokens);
            LayerArrays arrays = new LayerArrays(workspaces, dataType);
            int chunk = chunk(tokens.size(), layerConf().getNOut());
            forward(sweep, new Chunk(tokens, chunk, (rows, width) -> arrays.forwardScratch(rows, width)));
            sweep.accept(0, tokens.size());
            value = loss().finish(sweep, tokens);
        }
        scoreIsFresh = false;
        score = value + regularization;
        return score;
    }

    /** Pass without gradients: fills the statistics of all tokens. The first chunk is read last. */
    private static void forward(LossSweep sweep, Chunk chunk) {
        int from;
        for (int to = chunk.tokens.size(); to > 0; to = from) {
            from = (to - 1) / chunk.size * chunk.size;
            chunk.read(sweep, from, to);
        }
    }

    private interface Scratch {
        INDArray array(long rows, long width);
    }

    /** Working arrays of some rows: hidden states, logits, values. */
    private final class Chunk {
        private final TokenBatch tokens;
        private final int size;
        private final INDArray hidden; // [chunk, D]
        private final INDArray logits; // [chunk, V]; null without
        private final INDArray values; // [chunk, 1]; null without
        private int from; // of the tokens that were read last
        private int to;

        Chunk(TokenBatch tokens, int size, Scratch scratch) {
            this.tokens = tokens;
            this.size = size;
            this.hidden = scratch.array(size, layerConf().getNIn());
            this.logits = layerConf().output().logits()
                    ? scratch.array(size, layerConf().getNOut())
                    : null;
            this.values = tokens.values() == null ? null : scratch.array(size, 1);
        }

        int[] rows() {
            return Arrays.copyOfRange(tokens.rows(), from, to);
        }

        private INDArray part(INDArray array) {
            return LayerArrays.rows(array, 0, to - from, array.size(1));
        }

        /** {@code x = input[rows]}, {@code logits = x Wᵀ}, and the values. */
        void read(LossSweep sweep, int first, int end) {
            from = first;
            to = end;
            long d = layerConf().getNIn();
            ops.vectors().gatherRows(input.reshape('c', input.length() / d, d), rows(), part(hidden));
            if (values != null) {
                WeightAndBias value = WeightAndBias.of(weights(), LmHead.VALUE, LmHead.VALUE_BIAS);
                readValues(ops, value, part(hidden), part(values), tokens, from);
            }
            if (logits != null) {
                ops.products().linear(part(hidden), headWeight(), part(logits), 0);
                sweep.read(ops, part(logits), from);
            }
        }

        /** Gradients of the weights, and that of the hidden states in dx. */
        void gradient(LossSweep sweep, INDArray dx) {
            if (logits == null) {
                dx.assign(0);
            } else {
                sweep.gradient(ops, part(logits), from);
                INDArray dw = headGradient(); // [V, D], null for a frozen head
                if (dw == null) {
                    ops.products().gradInput(part(logits), headWeight(), dx, 0);
                } else {
                    ops.products().grad(part(logits), part(hidden), headWeight(), dx, 0, dw, from == 0 ? 0 : 1);
                }
            }
            if (values != null) {
                valueGradient(sweep.valueScale(), dx);
            }
        }

        private void valueGradient(double[] scale, INDArray dx) {
            INDArray dv = part(values);
            INDArray dBias = gradientTable().get(LmHead.VALUE_BIAS);
            double sum = from == 0 ? 0 : dBias.getDouble(0);
            for (int t = from; t < to; t++) {
                dv.putScalar(t - from, scale[t]);
                sum += scale[t];
            }
            dBias.putScalar(0, sum);
            INDArray dw = gradientTable().get(LmHead.VALUE);
            ops.products().grad(dv, part(hidden), weights().get(LmHead.VALUE), dx, 1, dw, from == 0 ? 0 : 1);
        }
    }

    /**
     * What a critic expects before the tokens [from, from + rows of x).
     *
     * @param x hidden states {@code [rows, D]}
     * @param v scratch {@code [rows, 1]}
     */
    static void readValues(TensorOps ops, WeightAndBias value, INDArray x, INDArray v, TokenBatch tokens, int from) {
        ops.products().linear(x, value.weight(), v, 0);
        double bias = value.bias().getDouble(0);
        for (int i = 0; i < v.length(); i++) {
            tokens.values()[from + i] = v.getDouble(i) + bias;
        }
    }

    /** Most bytes of the head's arrays for so many tokens: logits of a chunk, its hidden states and their gradient. */
    static long working(long tokens, long d, long vocabulary, int width) {
        return Math.multiplyExact(Math.min(tokens, mostRows(vocabulary)) * width, vocabulary + 2 * d);
    }

    /**
     * Rows whose logits exist at a time. Chunks are about equal: a last one of a few rows would get other last bits
     * than the sampler's, and be slow.
     */
    static int chunk(int tokens, long vocabulary) {
        long most = mostRows(vocabulary);
        long chunks = Math.max(1, (tokens + most - 1) / most);
        return (int) Math.max(1, (tokens + chunks - 1) / chunks);
    }

    private static long mostRows(long vocabulary) {
        long rows = Math.max(CHUNK_ELEMENTS / vocabulary, Math.min(FAST_ROWS, MOST_ELEMENTS / vocabulary));
        return Math.max(1, rows);
    }

    private TokenBatch tokens() {
        if (labels == null) {
            throw new IllegalStateException("labels are not set; call setLabels or fit with labels [B, C, T]");
        }
        if (labels.rank() != 3 || labels.size(0) != input.size(0) || labels.size(2) != input.size(1)) {
            throw new IllegalArgumentException("labels must be [B, C, T] with B = " + input.size(0) + ", T = "
                    + input.size(1) + ", got " + Arrays.toString(labels.shape()));
        }
        checkOutput();
        SequenceLayout segments =
                embedding == null ? SequenceLayout.whole((int) input.size(0), (int) input.size(1)) : embedding.layout();
        return LabelReader.sequences(
                labels, maskArray, loss().objective(), (int) layerConf().getNOut(), segments);
    }

    private void checkOutput() {
        boolean critic = loss().objective().needs().value();
        if (critic && !layerConf().output().value()) {
            throw new IllegalStateException("objective " + loss().objective().name()
                    + " trains the value of a critic, and the model has none; give it one: ValueHeads.shared(model)");
        }
        if (!layerConf().output().logits() && !(loss().objective() instanceof ValueObjective)) {
            throw new IllegalStateException("a critic has no logits, which objective "
                    + loss().objective().name() + " needs; train the policy with it");
        }
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
