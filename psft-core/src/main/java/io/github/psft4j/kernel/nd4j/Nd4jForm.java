package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.flat;
import static io.github.psft4j.kernel.Views.narrow;
import static io.github.psft4j.kernel.Views.rowRange;
import static io.github.psft4j.kernel.Views.rows;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.AdamWStep;
import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.RowGradient;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TokenStatistics;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The reference form: ND4J operations only, so it runs in FLOAT and DOUBLE on any backend, a GPU included. In DOUBLE
 * it is exact to about 1e-12, which the gradient checks of the whole network rest on.
 *
 * <p>It keeps no state between calls but the memory of its {@link Nd4jTemporaries}, so it may be called from any thread
 * and inside any workspace.
 */
public final class Nd4jForm implements TensorOps {

    /*
     * Forms that look roundabout are the ones ND4J 1.0.0-M2.1 runs fast:
     * - products write the transpose of their output, because BLAS and Nd4j.gemm are column-major ('f');
     * - sums over rows or columns are products of a matrix with a vector of ones: many times faster than sum(), and ten times
     * closer in FLOAT;
     * - a column factor is applied in place after a copy: BroadcastMulOp along dimension 0 takes 80 times as long;
     * - strided halves and heads are first copied into dense arrays, where every operation vectorises; reading them as
     *   a permuted whole is faster than one narrow view at a time, writing is the other way round.
     */

    @Override
    public String name() {
        return "portable, ND4J operations";
    }

    // ---- products

    @Override
    public void linear(INDArray x, INDArray w, INDArray y, double beta) {
        INDArray yt = rows(y, w.size(0)).transpose(); // [out, n] 'f'
        Nd4j.gemm(w, rows(x, w.size(1)), yt, false, true, 1, beta);
    }

    @Override
    public void linearGradInput(INDArray dy, INDArray w, INDArray dx, double beta) {
        INDArray dxt = rows(dx, w.size(1)).transpose(); // [in, n] 'f'
        Nd4j.gemm(w, rows(dy, w.size(0)), dxt, true, true, 1, beta);
    }

    @Override
    public void linearGradWeight(INDArray dy, INDArray x, INDArray dw, double beta) {
        INDArray dwt = dw.transpose(); // [in, out] 'f'
        Nd4j.gemm(rows(x, dw.size(1)), rows(dy, dw.size(0)), dwt, true, false, 1, beta);
    }

    // ---- rows

    @Override
    public void gatherRows(INDArray table, int[] ids, INDArray out) {
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(table.dataType())) {
            Nd4j.exec(DynamicCustomOp.builder("gather")
                    .addInputs(table, indices(ids, table, tmp))
                    .addOutputs(rows(out, table.size(1)))
                    .addIntegerArguments(0)
                    .build());
        }
    }

    @Override
    public void scatterAddRows(INDArray dy, int[] ids, INDArray dTable) {
        boolean lock = true; // repeated ids would race without it
        boolean checkIndices = false;
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(dy.dataType())) {
            Nd4j.exec(DynamicCustomOp.builder("scatter_add")
                    .addInputs(dTable, indices(ids, dTable, tmp), rows(dy, dTable.size(1)))
                    .addOutputs(dTable)
                    .addBooleanArguments(lock, checkIndices)
                    .build());
        }
    }

    /** Row numbers as an array, checked here because a native gather outside the table reads foreign memory. */
    private static INDArray indices(int[] ids, INDArray table, Nd4jTemporaries tmp) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= table.size(0)) {
                throw new IllegalArgumentException("ids[" + i + "] = " + ids[i] + " is outside the table of "
                        + table.size(0) + " rows; does the tokenizer belong to this model?");
            }
        }
        return tmp.indices(ids);
    }

    @Override
    public void rmsNorm(INDArray x, INDArray gain, double eps, INDArray y, INDArray inverseRms) {
        Nd4jNorms.rmsNorm(x, gain, eps, y, inverseRms);
    }

    @Override
    public void rmsNormGrad(
            INDArray dy, INDArray x, INDArray gain, INDArray inverseRms, INDArray dx, double beta, INDArray dGain) {
        Nd4jNorms.rmsNormGrad(dy, x, gain, inverseRms, dx, beta, dGain);
    }

    @Override
    public void layerNorm(INDArray x, INDArray gain, INDArray bias, double eps, INDArray y, INDArray inverseStd) {
        Nd4jNorms.layerNorm(x, gain, bias, eps, y, inverseStd);
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
        Nd4jNorms.layerNormGrad(dy, x, gain, inverseStd, dx, beta, dGain, dBias);
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
        Nd4jNorms.heads(x, shape, queryGain, keyGain, eps, y, inverseRms);
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
        Nd4jNorms.headsGrad(dqkv, x, shape, queryGain, keyGain, inverseRms, dQueryGain, dKeyGain);
    }

    @Override
    public void addRow(INDArray row, INDArray y) {
        rows(y, row.length()).addiRowVector(flat(row));
    }

    @Override
    public void sumRows(INDArray dy, INDArray sums) {
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(dy.dataType())) {
            sum(rows(dy, sums.length()), sums, tmp);
        }
    }

    // ---- activations

    @Override
    public void activate(Activation a, INDArray x, INDArray y) {
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            new Nd4jActivation(a, flat(x), tmp).valueTo(flat(y));
        }
    }

    @Override
    public void activateGrad(Activation a, INDArray dy, INDArray x, INDArray dx) {
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            INDArray slope = new Nd4jActivation(a, flat(x), tmp).slope();
            Nd4j.exec(new MulOp(slope, flat(dy), flat(dx)));
        }
    }

    @Override
    public void gated(Activation a, INDArray gateUp, INDArray h) {
        INDArray h2 = rows(h, h.size(h.rank() - 1)); // [n, F]
        long n = h2.size(0);
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(h.dataType())) {
            INDArray split = split(gateUp, h2, tmp);
            new Nd4jActivation(a, rowRange(split, 0, n), tmp).valueTo(h2);
            h2.muli(rowRange(split, n, 2 * n));
        }
    }

    /* dUp = dh a(gate), dGate = dh up a'(gate). */
    @Override
    public void gatedGrad(Activation a, INDArray dh, INDArray gateUp, INDArray dGateUp) {
        long width = dh.size(dh.rank() - 1);
        INDArray dh2 = rows(dh, width); // [n, F]
        INDArray grad = rows(dGateUp, 2 * width); // [n, 2F]
        long n = dh2.size(0);
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(dh.dataType())) {
            INDArray split = split(gateUp, dh2, tmp);
            Nd4jActivation gate = new Nd4jActivation(a, rowRange(split, 0, n), tmp);
            INDArray slope = gate.slope();
            narrow(grad, 1, 0, width)
                    .assign(slope.muli(rowRange(split, n, 2 * n)).muli(dh2));
            narrow(grad, 1, width, 2 * width).assign(gate.value().muli(dh2));
        }
    }

    /**
     * Copy of rows {@code [n, 2F]} as {@code [2n, F]}, all left halves before all right ones; like is {@code [n, F]}.
     */
    private static INDArray split(INDArray x, INDArray like, Nd4jTemporaries tmp) {
        long n = like.size(0);
        long width = like.size(1);
        INDArray split = tmp.empty(2 * n, width);
        split.reshape('c', 2, n, width).assign(x.reshape('c', n, 2, width).permute(1, 0, 2));
        return split;
    }

    // ---- attention

    @Override
    public void rotate(INDArray qkv, AttentionShape shape, RotaryTable table, int firstPosition, boolean inverse) {
        Nd4jRotary.rotate(qkv, shape, table, firstPosition, inverse);
    }

    @Override
    public void attention(INDArray qkv, AttentionShape shape, INDArray out, INDArray logSumExp) {
        Nd4jAttention.forward(qkv, shape, out, logSumExp);
    }

    @Override
    public void attentionGrad(
            INDArray qkv, AttentionShape shape, INDArray out, INDArray dOut, INDArray logSumExp, INDArray dqkv) {
        Nd4jAttention.backward(qkv, shape, out, dOut, logSumExp, dqkv);
    }

    // ---- generation

    @Override
    public KeyValueCache keyValueCache(int slots, AttentionShape shape, INDArray like, int longest) {
        long width = 2L * shape.kvHeads() * shape.headDim();
        int capacity = KeyValueCache.capacity(shape, longest);
        return new Nd4jKeyValueCache(
                Nd4j.createUninitialized(like.dataType(), new long[] {slots, capacity, width}, 'c'));
    }

    @Override
    public void rotateRows(INDArray qkv, AttentionShape shape, RotaryTable table, int[] positions) {
        Nd4jCachedAttention.rotate(qkv, shape, table, positions);
    }

    @Override
    public void storeKeysValues(INDArray qkv, AttentionShape shape, KeyValueCache cache, int[] slots) {
        Nd4jCachedAttention.store(qkv, shape, (Nd4jKeyValueCache) cache, slots);
    }

    @Override
    public void attentionNext(
            INDArray qkv, AttentionShape shape, KeyValueCache cache, int[] slots, int[] positions, INDArray out) {
        Nd4jCachedAttention.next(qkv, shape, (Nd4jKeyValueCache) cache, slots, positions, out);
    }

    @Override
    public void read(INDArray x, long from, float[] out, int n) {
        float[] values =
                flat(x).get(NDArrayIndex.interval(from, from + n)).dup().data().asFloat();
        System.arraycopy(values, 0, out, 0, n);
    }

    // ---- softmax of the vocabulary

    @Override
    public void softmax(INDArray logits, int[] targets, int firstRow, TokenStatistics out) {
        Nd4jSoftmax.forward(logits, targets, firstRow, out);
    }

    @Override
    public void softmaxGrad(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        Nd4jSoftmax.backward(exps, targets, firstRow, statistics, scale);
    }

    @Override
    public void denseSoftmax(INDArray logits, INDArray reference, int[] targets, int firstRow, TokenStatistics out) {
        Nd4jDenseSoftmax.forward(logits, reference, targets, firstRow, out);
    }

    @Override
    public void denseSoftmaxGrad(
            INDArray logits,
            INDArray reference,
            int[] targets,
            int firstRow,
            TokenStatistics statistics,
            RowGradient gradient) {
        Nd4jDenseSoftmax.backward(logits, reference, targets, firstRow, statistics, gradient);
    }

    @Override
    public void topK(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        Nd4jColumns.topK(x, k, firstRow, ids, values);
    }

    @Override
    public void gatherColumns(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        Nd4jColumns.gather(x, k, firstRow, ids, values);
    }

    @Override
    public void addColumns(double[] values, int k, int firstRow, int[] ids, INDArray x) {
        Nd4jColumns.add(values, k, firstRow, ids, x);
    }

    // ---- whole vectors

    @Override
    public void copy(INDArray x, INDArray y) {
        flat(y).assign(flat(x));
    }

    @Override
    public void add(INDArray x, INDArray y) {
        flat(y).addi(flat(x));
    }

    @Override
    public double sumOfSquares(INDArray x) {
        return Nd4jVectors.sumOfSquares(x);
    }

    @Override
    public void adamW(
            INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step) {
        Nd4jVectors.adamW(weights, gradient, firstMoment, secondMoment, step);
    }

    // ---- sums by products

    /** {@code sums[i] = sum over j of x[i, j]}, with x {@code [n, D]}, sums {@code [n, 1]}. */
    static void sumColumns(INDArray x, INDArray sums, Nd4jTemporaries tmp) {
        matrixVector(x, false, tmp.ones(x.size(1)), 1, sums);
    }

    /** {@code sums[j] = sum over i of x[i, j]}, with x {@code [n, D]}, sums {@code [D]}. */
    public static void sum(INDArray x, INDArray sums, Nd4jTemporaries tmp) {
        matrixVector(x, true, tmp.ones(x.size(0)), 1, sums);
    }

    /**
     * {@code y = alpha x v}, or {@code alpha xᵀ v}, with x {@code [n, D]}; matmul takes a vector of rank 1 to BLAS's gemv, which is 3
     * to 8 times as fast as a product with a column.
     */
    static void matrixVector(INDArray x, boolean transpose, INDArray v, double alpha, INDArray y) {
        Nd4j.exec(DynamicCustomOp.builder("matmul")
                .addInputs(x, flat(v))
                .addOutputs(flat(y))
                .addIntegerArguments(transpose ? 1 : 0, 0, 0)
                .addFloatingPointArguments(alpha, 0.0)
                .build());
    }
}
