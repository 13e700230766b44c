package io.github.psft4j.kernel;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The float form for CPUs: each worker calls single-threaded OpenBLAS on its own rows, which is faster than OpenBLAS's
 * own threads, and the row kernels are plain Java loops.
 *
 * <p>Creating it hands the processors to the {@link WorkerPool}: OpenBLAS and ND4J's OpenMP loops are set to one
 * thread, because OpenMP workers spin after every operation and fight the pool for the cores.
 */
public final class CpuOps implements TensorOps {

    /** Below this many multiply-adds a product stays on the calling thread: waking the others costs more. */
    private static final long SERIAL_PRODUCT = 60_000;

    /** A worker gets at least this many rows of a product; with fewer, columns are shared out instead. */
    private static final int MIN_ROWS = 16;

    private final WorkerPool pool;
    private final CpuRowOps rows;
    private final CpuAttention attention;
    private final CpuSoftmax softmax;
    private final CpuVectors vectors;

    /** Operations that run on the given pool. */
    public CpuOps(WorkerPool pool) {
        this.pool = pool;
        this.rows = new CpuRowOps(pool);
        this.attention = new CpuAttention(pool);
        this.softmax = new CpuSoftmax(pool);
        this.vectors = new CpuVectors(pool);
        Nd4j.getEnvironment().setMaxMasterThreads(1);
        Nd4j.getEnvironment().setMaxThreads(1);
        blas_set_num_threads(1);
    }

    @Override
    public String name() {
        return "cpu-float, OpenBLAS x " + pool.workers() + " workers";
    }

    // ---- products

    @Override
    public void linear(INDArray x, INDArray w, INDArray y, double beta) {
        int n = rowCount(x, w.size(1));
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ws = FloatMemory.of(w);
        FloatMemory ys = FloatMemory.of(y);
        split(
                n,
                out,
                in,
                (r0, r1, c0, c1) -> gemm(
                        false,
                        true,
                        r1 - r0,
                        c1 - c0,
                        in,
                        1f,
                        xs,
                        (long) r0 * in,
                        in,
                        ws,
                        (long) c0 * in,
                        in,
                        (float) beta,
                        ys,
                        (long) r0 * out + c0,
                        out));
    }

    @Override
    public void linearGradInput(INDArray dy, INDArray w, INDArray dx, double beta) {
        int n = rowCount(dy, w.size(0));
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory ws = FloatMemory.of(w);
        FloatMemory dxs = FloatMemory.of(dx);
        split(
                n,
                in,
                out,
                (r0, r1, c0, c1) -> gemm(
                        false,
                        false,
                        r1 - r0,
                        c1 - c0,
                        out,
                        1f,
                        dys,
                        (long) r0 * out,
                        out,
                        ws,
                        c0,
                        in,
                        (float) beta,
                        dxs,
                        (long) r0 * in + c0,
                        in));
    }

    @Override
    public void linearGradWeight(INDArray dy, INDArray x, INDArray dw, double beta) {
        int in = (int) dw.size(1);
        int out = (int) dw.size(0);
        int n = rowCount(x, in);
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory dws = FloatMemory.of(dw);
        split(
                out,
                in,
                n,
                (r0, r1, c0, c1) -> gemm(
                        true,
                        false,
                        r1 - r0,
                        c1 - c0,
                        n,
                        1f,
                        dys,
                        r0,
                        out,
                        xs,
                        c0,
                        in,
                        (float) beta,
                        dws,
                        (long) r0 * in + c0,
                        in));
    }

    /** A rectangle of the output of a product. */
    private interface Block {
        void run(int row0, int row1, int col0, int col1);
    }

    /** Deals an output of m x n, inner size k, to the workers: by rows, or by columns where rows are few. */
    private void split(int m, int n, int k, Block block) {
        if (m == 0 || n == 0) {
            return;
        }
        int workers = pool.workers();
        if (workers == 1 || (long) m * n * k < SERIAL_PRODUCT) {
            block.run(0, m, 0, n);
        } else if (m >= MIN_ROWS * workers || m >= n) {
            pool.run(id -> {
                int r0 = WorkerPool.start(m, id, workers);
                int r1 = WorkerPool.start(m, id + 1, workers);
                if (r0 < r1) {
                    block.run(r0, r1, 0, n);
                }
            });
        } else {
            pool.run(id -> {
                int c0 = WorkerPool.start(n, id, workers);
                int c1 = WorkerPool.start(n, id + 1, workers);
                if (c0 < c1) {
                    block.run(0, m, c0, c1);
                }
            });
        }
    }

    /** {@code C[m,n] = alpha op(A) op(B) + beta C}, row-major, explicit leading dimensions, on the calling thread. */
    static void gemm(
            boolean transA,
            boolean transB,
            int m,
            int n,
            int k,
            float alpha,
            FloatMemory a,
            long aAt,
            int lda,
            FloatMemory b,
            long bAt,
            int ldb,
            float beta,
            FloatMemory c,
            long cAt,
            int ldc) {
        cblas_sgemm(
                CblasRowMajor,
                transA ? CblasTrans : CblasNoTrans,
                transB ? CblasTrans : CblasNoTrans,
                m,
                n,
                k,
                alpha,
                a.at(aAt),
                lda,
                b.at(bAt),
                ldb,
                beta,
                c.at(cAt),
                ldc);
    }

    private static int rowCount(INDArray x, long width) {
        if (x.length() % width != 0) {
            throw new IllegalArgumentException("rows of width " + width + " expected, got " + x.shapeInfoToString());
        }
        return Math.toIntExact(x.length() / width);
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
        rows.rmsNorm(x, gain, eps, y, inverseRms);
    }

    @Override
    public void rmsNormGrad(
            INDArray dy, INDArray x, INDArray gain, INDArray inverseRms, INDArray dx, double beta, INDArray dGain) {
        rows.rmsNormGrad(dy, x, gain, inverseRms, dx, (float) beta, dGain);
    }

    @Override
    public void swiGlu(INDArray gateUp, INDArray h) {
        rows.swiGlu(gateUp, h);
    }

    @Override
    public void swiGluGrad(INDArray dh, INDArray gateUp, INDArray dGateUp) {
        rows.swiGluGrad(dh, gateUp, dGateUp);
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

    @Override
    public void storeKeysValues(INDArray qkv, AttentionShape shape, INDArray cache, int firstPosition) {
        attention.store(qkv, shape, cache, firstPosition);
    }

    @Override
    public void attentionCached(INDArray qkv, AttentionShape shape, INDArray cache, int firstPosition, INDArray out) {
        attention.cached(qkv, shape, cache, firstPosition, out);
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
