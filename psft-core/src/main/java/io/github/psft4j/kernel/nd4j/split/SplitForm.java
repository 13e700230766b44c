package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.AdamWStep;
import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.NativeThreads;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.RowGradient;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.nd4j.Nd4jForm;
import io.github.psft4j.kernel.nd4j.split.RowSplit.Rows;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Nd4jForm} on ND4J's CPU backend: every operation is cut into pieces by rows, and each worker of a {@link WorkerPool}
 * runs the portable operation on views of its pieces, with OpenBLAS's and ND4J's own threads set to one.
 *
 * <p>Called whole, every portable operation hands its arrays to two teams of threads in turn, OpenBLAS's and OpenMP's, which meet at
 * a barrier after each of the twenty or so passes of an activation, and each pass streams whole arrays through memory. Here
 * the workers meet once per operation, single-threaded products run side by side, and a piece stays in the caches.
 *
 * <p>Results are those of {@link Nd4jForm}; sums over rows are added piece by piece in the order of the rows, so that they repeat
 * for a given number of workers.
 */
public final class SplitForm implements TensorOps {

    private final Nd4jForm portable = new Nd4jForm();
    private final WorkerPool pool;
    private final RowSplit pieces;
    private final SplitProducts products;
    private final SplitNorms norms;
    private final SplitAttention attention;
    private final SplitSoftmax softmax;

    /** Operations that share the pool's threads; takes OpenBLAS's and ND4J's own (see {@code TensorOpsFactory.close}). */
    public SplitForm(WorkerPool pool) {
        this(new RowSplit(pool));
    }

    public SplitForm(RowSplit pieces) {
        this.pool = pieces.pool();
        this.pieces = pieces;
        this.products = new SplitProducts(pieces, portable);
        this.norms = new SplitNorms(pieces, portable);
        this.attention = new SplitAttention(pieces, portable);
        this.softmax = new SplitSoftmax(pieces, portable);
        NativeThreads.tame();
    }

    @Override
    public String name() {
        return "portable, ND4J operations dealt to " + pool.workers() + " workers";
    }

    // ---- products

    @Override
    public void linear(INDArray x, INDArray w, INDArray y, double beta) {
        products.linear(x, w, y, beta);
    }

    @Override
    public void linearGradInput(INDArray dy, INDArray w, INDArray dx, double beta) {
        products.gradInput(dy, w, dx, beta);
    }

    @Override
    public void linearGradWeight(INDArray dy, INDArray x, INDArray dw, double beta) {
        products.gradWeight(dy, x, dw, beta);
    }

    // ---- rows

    /** Not dealt: one copy. */
    @Override
    public void gatherRows(INDArray table, int[] ids, INDArray out) {
        portable.gatherRows(table, ids, out);
    }

    /** Not dealt: repeated ids would race. */
    @Override
    public void scatterAddRows(INDArray dy, int[] ids, INDArray dTable) {
        portable.scatterAddRows(dy, ids, dTable);
    }

    @Override
    public void rmsNorm(INDArray x, INDArray gain, double eps, INDArray y, INDArray inverseRms) {
        norms.rmsNorm(x, gain, eps, y, inverseRms);
    }

    @Override
    public void rmsNormGrad(
            INDArray dy, INDArray x, INDArray gain, INDArray inverseRms, INDArray dx, double beta, INDArray dGain) {
        norms.rmsNormGrad(dy, x, gain, inverseRms, dx, beta, dGain);
    }

    @Override
    public void layerNorm(INDArray x, INDArray gain, INDArray bias, double eps, INDArray y, INDArray inverseStd) {
        norms.layerNorm(x, gain, bias, eps, y, inverseStd);
    }

    @Override
    public void layerNormGrad(
            INDArray dy,
            INDArray x,
            INDArray gain,
            INDArray inverseStd,
            INDArray dx,
            double beta,
            INDArray dGain,
            INDArray dBias) {
        norms.layerNormGrad(dy, x, gain, inverseStd, dx, beta, dGain, dBias);
    }

    @Override
    public void normHeads(
            INDArray x,
            AttentionShape shape,
            INDArray queryGain,
            INDArray keyGain,
            double eps,
            INDArray y,
            INDArray inverseRms) {
        norms.heads(x, shape, queryGain, keyGain, eps, y, inverseRms);
    }

    @Override
    public void normHeadsGrad(
            INDArray dqkv,
            INDArray x,
            AttentionShape shape,
            INDArray queryGain,
            INDArray keyGain,
            INDArray inverseRms,
            INDArray dQueryGain,
            INDArray dKeyGain) {
        norms.headsGrad(dqkv, x, shape, queryGain, keyGain, inverseRms, dQueryGain, dKeyGain);
    }

    @Override
    public void addRow(INDArray row, INDArray y) {
        Rows ys = new Rows(y, row.length());
        pieces.onePass(y, row.length(), (i, from, to) -> portable.addRow(row, ys.of(from, to)));
    }

    @Override
    public void sumRows(INDArray dy, INDArray sums) {
        norms.sumRows(dy, sums);
    }

    // ---- activations

    @Override
    public void activate(Activation a, INDArray x, INDArray y) {
        Rows xs = new Rows(x);
        Rows ys = new Rows(y);
        pieces.manyPasses(x, 1, (i, from, to) -> portable.activate(a, xs.flat(from, to), ys.flat(from, to)));
    }

    @Override
    public void activateGrad(Activation a, INDArray dy, INDArray x, INDArray dx) {
        Rows dys = new Rows(dy);
        Rows xs = new Rows(x);
        Rows dxs = new Rows(dx);
        pieces.manyPasses(
                x,
                1,
                (i, from, to) -> portable.activateGrad(a, dys.flat(from, to), xs.flat(from, to), dxs.flat(from, to)));
    }

    @Override
    public void gated(Activation a, INDArray gateUp, INDArray h) {
        long width = h.size(h.rank() - 1);
        Rows gates = new Rows(gateUp, 2 * width);
        Rows hs = new Rows(h, width);
        pieces.manyPasses(h, width, (i, from, to) -> portable.gated(a, gates.of(from, to), hs.of(from, to)));
    }

    @Override
    public void gatedGrad(Activation a, INDArray dh, INDArray gateUp, INDArray dGateUp) {
        long width = dh.size(dh.rank() - 1);
        Rows dhs = new Rows(dh, width);
        Rows gates = new Rows(gateUp, 2 * width);
        Rows grads = new Rows(dGateUp, 2 * width);
        pieces.manyPasses(
                dh,
                width,
                (i, from, to) -> portable.gatedGrad(a, dhs.of(from, to), gates.of(from, to), grads.of(from, to)));
    }

    // ---- attention

    @Override
    public void rotate(INDArray qkv, AttentionShape shape, RotaryTable table, int firstPosition, boolean inverse) {
        attention.rotate(qkv, shape, table, firstPosition, inverse);
    }

    @Override
    public void attention(INDArray qkv, AttentionShape shape, INDArray out, INDArray logSumExp) {
        attention.forward(qkv, shape, out, logSumExp);
    }

    @Override
    public void attentionGrad(
            INDArray qkv, AttentionShape shape, INDArray out, INDArray dOut, INDArray logSumExp, INDArray dqkv) {
        attention.backward(qkv, shape, out, dOut, logSumExp, dqkv);
    }

    // ---- generation

    @Override
    public KeyValueCache keyValueCache(int slots, AttentionShape shape, INDArray like, int longest) {
        return portable.keyValueCache(slots, shape, like, longest);
    }

    @Override
    public void rotateRows(INDArray qkv, AttentionShape shape, RotaryTable table, int[] positions) {
        portable.rotateRows(qkv, shape, table, positions);
    }

    @Override
    public void storeKeysValues(INDArray qkv, AttentionShape shape, KeyValueCache cache, int[] slots) {
        portable.storeKeysValues(qkv, shape, cache, slots);
    }

    @Override
    public void attentionNext(
            INDArray qkv, AttentionShape shape, KeyValueCache cache, int[] slots, int[] positions, INDArray out) {
        Rows rows = new Rows(qkv, shape.qkvWidth());
        Rows outs = new Rows(out, shape.outWidth());
        pieces.onePass(
                qkv,
                shape.qkvWidth(),
                (i, from, to) -> portable.attentionNext(
                        rows.of(from, to),
                        shape,
                        cache,
                        Arrays.copyOfRange(slots, (int) from, (int) to),
                        Arrays.copyOfRange(positions, (int) from, (int) to),
                        outs.of(from, to)));
    }

    @Override
    public void read(INDArray x, long from, float[] out, int n) {
        portable.read(x, from, out, n);
    }

    @Override
    public TensorOps serial() {
        return portable;
    }

    // ---- softmax of the vocabulary

    @Override
    public void softmax(INDArray logits, int[] targets, int firstRow, TokenStatistics out) {
        softmax.softmax(logits, targets, firstRow, out);
    }

    @Override
    public void softmaxGrad(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        softmax.softmaxGrad(exps, targets, firstRow, statistics, scale);
    }

    @Override
    public void denseSoftmax(INDArray logits, INDArray reference, int[] targets, int firstRow, TokenStatistics out) {
        softmax.denseSoftmax(logits, reference, targets, firstRow, out);
    }

    @Override
    public void denseSoftmaxGrad(
            INDArray logits,
            INDArray reference,
            int[] targets,
            int firstRow,
            TokenStatistics statistics,
            RowGradient gradient) {
        softmax.denseSoftmaxGrad(logits, reference, targets, firstRow, statistics, gradient);
    }

    @Override
    public void topK(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        softmax.topK(x, k, firstRow, ids, values);
    }

    @Override
    public void gatherColumns(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        portable.gatherColumns(x, k, firstRow, ids, values);
    }

    @Override
    public void addColumns(double[] values, int k, int firstRow, int[] ids, INDArray x) {
        portable.addColumns(values, k, firstRow, ids, x);
    }

    // ---- whole vectors

    @Override
    public void copy(INDArray x, INDArray y) {
        Rows xs = new Rows(x);
        Rows ys = new Rows(y);
        pieces.onePass(x, 1, (i, from, to) -> portable.copy(xs.flat(from, to), ys.flat(from, to)));
    }

    @Override
    public void add(INDArray x, INDArray y) {
        Rows xs = new Rows(x);
        Rows ys = new Rows(y);
        pieces.onePass(x, 1, (i, from, to) -> portable.add(xs.flat(from, to), ys.flat(from, to)));
    }

    @Override
    public double sumOfSquares(INDArray x) {
        Rows xs = new Rows(x);
        double[] sums = new double[pieces.shares(x.length(), 1)];
        pieces.onePass(x, 1, (i, from, to) -> sums[i] = portable.sumOfSquares(xs.flat(from, to)));
        return Arrays.stream(sums).sum();
    }

    @Override
    public void adamW(
            INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step) {
        Rows ws = new Rows(weights);
        Rows gs = new Rows(gradient);
        Rows ms = new Rows(firstMoment);
        Rows vs = new Rows(secondMoment);
        pieces.manyPasses(
                weights,
                1,
                (i, from, to) -> portable.adamW(
                        ws.flat(from, to), gs.flat(from, to), ms.flat(from, to), vs.flat(from, to), step));
    }
}
