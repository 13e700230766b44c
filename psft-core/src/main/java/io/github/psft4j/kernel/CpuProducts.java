package io.github.psft4j.kernel;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;
import static org.bytedeco.openblas.global.openblas.cblas_sgemv;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Products of {@link CpuOps}: every worker calls single-threaded OpenBLAS on its own part of the output. */
final class CpuProducts {

    /** Below this many multiply-adds a product stays on the calling thread: waking the others costs more. */
    private static final long SERIAL_PRODUCT = 60_000;

    /** A worker gets at least this many rows of a product; with fewer, columns are shared out instead. */
    private static final int MIN_ROWS = 16;

    private final WorkerPool pool;

    CpuProducts(WorkerPool pool) {
        this.pool = pool;
    }

    void linear(INDArray x, INDArray w, INDArray y, float beta) {
        int n = rowCount(x, w.size(1));
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ws = FloatMemory.of(w);
        FloatMemory ys = FloatMemory.of(y);
        split(n, out, in, (r0, r1, c0, c1) -> rows(xs, ws, ys, r0, r1, c0, c1, in, out, beta));
    }

    /** Rows and columns of {@link #linear}. One row is read straight through, where a product of matrices would pack the weight first. */
    private static void rows(
            FloatMemory x, FloatMemory w, FloatMemory y, int r0, int r1, int c0, int c1, int in, int out, float beta) {
        long xAt = (long) r0 * in;
        long wAt = (long) c0 * in;
        long yAt = (long) r0 * out + c0;
        if (r1 - r0 == 1) {
            cblas_sgemv(CblasRowMajor, CblasNoTrans, c1 - c0, in, 1f, w.at(wAt), in, x.at(xAt), 1, beta, y.at(yAt), 1);
        } else {
            gemm(false, true, r1 - r0, c1 - c0, in, 1f, x, xAt, in, w, wAt, in, beta, y, yAt, out);
        }
    }

    void gradInput(INDArray dy, INDArray w, INDArray dx, float beta) {
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
                        beta,
                        dxs,
                        (long) r0 * in + c0,
                        in));
    }

    void gradWeight(INDArray dy, INDArray x, INDArray dw, float beta) {
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
                        beta,
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
}
