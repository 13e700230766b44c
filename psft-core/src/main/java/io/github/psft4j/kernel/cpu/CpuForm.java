package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.AdamWStep;
import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.NativeThreads;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.RowGradient;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.gemm.Gemm;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.RowMathFactory;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The float form for CPUs: each worker computes matrix products on its own rows by a single-threaded library, which is faster
 * than the library's own threads, and the row kernels are loops in Java ({@link RowMath}).
 *
 * <p>Creating it hands the processors to the {@link WorkerPool}: OpenBLAS and ND4J's OpenMP loops are set to one thread, because
 * OpenMP workers spin after every operation and fight the pool for the cores. {@code TensorOpsFactory.close()} gives them
 * back.
 */
public final class CpuForm implements TensorOps {

    private final WorkerPool pool;
    private final RowMath math;
    private final Gemm gemm;
    private final LinearProducts products;
    private final CpuRowOps rows;
    private final CpuNorms norms;
    private final CpuActivations activations;
    private final CpuAttention attention;
    private final CpuCachedAttention cachedAttention;
    private final CpuSoftmax softmax;
    private final CpuDenseSoftmax dense;
    private final CpuColumns columns;
    private final CpuVectors vectors;

    /** Operations that run on the given pool in float, by the fastest products that this process has. */
    public CpuForm(WorkerPool pool) {
        this(pool, GemmChoice.of("auto"), Precision.F32);
    }

    /** Operations in a given form of the row kernels. */
    public CpuForm(WorkerPool pool, RowMath math) {
        this(pool, GemmChoice.of("auto"), Precision.F32, math);
    }

    /** Operations whose linear layers have the given precision; the products of attention are in float either way. */
    public CpuForm(WorkerPool pool, Gemm gemm, Precision precision) {
        this(pool, gemm, precision, RowMathFactory.shared());
    }

    /** Operations in a given form of the row kernels. */
    public CpuForm(WorkerPool pool, Gemm gemm, Precision precision, RowMath math) {
        NativeThreads.tame();
        this.pool = pool;
        this.math = math;
        this.gemm = gemm;
        this.products = precision == Precision.BF16 ? new Bf16Products(pool) : new CpuProducts(pool, gemm);
        this.rows = new CpuRowOps(pool, math);
        this.norms = new CpuNorms(pool, math);
        this.activations = new CpuActivations(pool, math);
        this.attention = new CpuAttention(pool, gemm, math);
        this.cachedAttention = new CpuCachedAttention(pool, math);
        this.softmax = new CpuSoftmax(pool, math);
        this.dense = new CpuDenseSoftmax(pool, math);
        this.columns = new CpuColumns(pool);
        this.vectors = new CpuVectors(pool, math);
    }

    @Override
    public String name() {
        return "cpu-float, " + products.name() + " x " + pool.workers() + " workers, " + math.name();
    }

    @Override
    public Precision precision() {
        return products.precision();
    }

    @Override
    public WeightScope holdWeights() {
        return products.holdWeights();
    }

    // ---- products

    @Override
    public void linear(INDArray x, INDArray w, INDArray y, double beta) {
        products.linear(x, w, y, (float) beta);
    }

    @Override
    public void linearGradInput(INDArray dy, INDArray w, INDArray dx, double beta) {
        products.gradInput(dy, w, dx, (float) beta);
    }

    @Override
    public void linearGradWeight(INDArray dy, INDArray x, INDArray dw, double beta) {
        products.gradWeight(dy, x, dw, (float) beta);
    }

    @Override
    public void linearGrad(INDArray dy, INDArray x, INDArray w, INDArray dx, double betaX, INDArray dw, double betaW) {
        products.grad(dy, x, w, dx, (float) betaX, dw, (float) betaW);
    }

    // ---- rows

    @Override
    public void gatherRows(INDArray table, int[] ids, INDArray out) {
        rows.gather(table, ids, out);
    }

    @Override
    public void scatterAddRows(INDArray dy, int[] ids, INDArray dTable) {
        rows.scatterAdd(dy, ids, dTable);
    }

    @Override
    public void rmsNorm(INDArray x, INDArray gain, double eps, INDArray y, INDArray inverseRms) {
        norms.rmsNorm(x, gain, eps, y, inverseRms);
    }

    @Override
    public void rmsNormGrad(
            INDArray dy, INDArray x, INDArray gain, INDArray inverseRms, INDArray dx, double beta, INDArray dGain) {
        norms.rmsNormGrad(dy, x, gain, inverseRms, dx, (float) beta, dGain);
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
        norms.layerNormGrad(dy, x, gain, inverseStd, dx, (float) beta, dGain, dBias);
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
        rows.addRow(row, y);
    }

    @Override
    public void sumRows(INDArray dy, INDArray sums) {
        rows.sumRows(dy, sums);
    }

    // ---- activations

    @Override
    public void activate(Activation a, INDArray x, INDArray y) {
        activations.forward(a, x, y);
    }

    @Override
    public void activateGrad(Activation a, INDArray dy, INDArray x, INDArray dx) {
        activations.backward(a, dy, x, dx);
    }

    @Override
    public void gated(Activation a, INDArray gateUp, INDArray h) {
        activations.gated(a, gateUp, h);
    }

    @Override
    public void gatedGrad(Activation a, INDArray dh, INDArray gateUp, INDArray dGateUp) {
        activations.gatedGrad(a, dh, gateUp, dGateUp);
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
        return new CpuKeyValueCache(slots, shape, longest);
    }

    @Override
    public void rotateRows(INDArray qkv, AttentionShape shape, RotaryTable table, int[] positions) {
        cachedAttention.rotate(qkv, shape, table, positions);
    }

    @Override
    public void storeKeysValues(INDArray qkv, AttentionShape shape, KeyValueCache cache, int[] slots) {
        cachedAttention.store(qkv, shape, (CpuKeyValueCache) cache, slots);
    }

    @Override
    public void attentionNext(
            INDArray qkv, AttentionShape shape, KeyValueCache cache, int[] slots, int[] positions, INDArray out) {
        cachedAttention.next(qkv, shape, (CpuKeyValueCache) cache, slots, positions, out);
    }

    @Override
    public void read(INDArray x, long from, float[] out, int n) {
        FloatMemory.of(x).get(from, out, n);
    }

    @Override
    public TensorOps serial() {
        return new CpuForm(new WorkerPool(1), gemm, products.precision(), math);
    }

    @Override
    public void repeat(Prepared prepared, Runnable work) {
        FloatMemory.keeping(prepared.arrays, work);
    }

    // ---- softmax of the vocabulary

    @Override
    public void softmax(INDArray logits, int[] targets, int firstRow, TokenStatistics out) {
        softmax.forward(logits, targets, firstRow, out);
    }

    @Override
    public void softmaxGrad(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        softmax.gradient(exps, targets, firstRow, statistics, scale);
    }

    @Override
    public void denseSoftmax(INDArray logits, INDArray reference, int[] targets, int firstRow, TokenStatistics out) {
        dense.forward(logits, reference, targets, firstRow, out);
    }

    @Override
    public void denseSoftmaxGrad(
            INDArray logits,
            INDArray reference,
            int[] targets,
            int firstRow,
            TokenStatistics statistics,
            RowGradient gradient) {
        dense.gradient(logits, reference, targets, firstRow, statistics, gradient);
    }

    @Override
    public void topK(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        columns.topK(x, k, firstRow, ids, values);
    }

    @Override
    public void gatherColumns(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        columns.gather(x, k, firstRow, ids, values);
    }

    @Override
    public void addColumns(double[] values, int k, int firstRow, int[] ids, INDArray x) {
        columns.add(values, k, firstRow, ids, x);
    }

    // ---- whole vectors

    @Override
    public void copy(INDArray x, INDArray y) {
        vectors.copy(x, y);
    }

    @Override
    public void add(INDArray x, INDArray y) {
        vectors.add(x, y);
    }

    @Override
    public double sumOfSquares(INDArray x) {
        return vectors.sumOfSquares(x);
    }

    @Override
    public void adamW(
            INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step) {
        vectors.adamW(weights, gradient, firstMoment, secondMoment, step);
    }
}
