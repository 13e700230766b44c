package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.gemm.Gemm;
import io.github.psft4j.kernel.cpu.gemm.OpenBlasGemm;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Products} in float: every worker computes its own part of the output. */
final class CpuProducts implements Products {

    private final ProductSplit shares;
    private final Gemm gemm;

    CpuProducts(WorkerPool pool, Gemm gemm) {
        this.shares = new ProductSplit(pool);
        this.gemm = gemm;
    }

    @Override
    public void linear(INDArray x, INDArray w, INDArray y, double betaY) {
        float beta = (float) betaY;
        int n = rowCount(x, w.size(1));
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ws = FloatMemory.of(w);
        FloatMemory ys = FloatMemory.of(y);
        shares.run(n, out, in, (r0, r1, c0, c1) -> {
            long xAt = (long) r0 * in;
            long wAt = (long) c0 * in;
            long yAt = (long) r0 * out + c0;
            if (r1 - r0 == 1) {
                OpenBlasGemm.row(c1 - c0, in, xs, xAt, ws, wAt, beta, ys, yAt);
                return;
            }
            gemm.run(false, true, r1 - r0, c1 - c0, in, 1, xs, xAt, in, ws, wAt, in, beta, ys, yAt, out);
        });
    }

    @Override
    public void gradInput(INDArray dy, INDArray w, INDArray dx, double betaX) {
        float beta = (float) betaX;
        int n = rowCount(dy, w.size(0));
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory ws = FloatMemory.of(w);
        FloatMemory dxs = FloatMemory.of(dx);
        shares.run(n, in, out, (r0, r1, c0, c1) -> {
            long dyAt = (long) r0 * out;
            long dxAt = (long) r0 * in + c0;
            gemm.run(false, false, r1 - r0, c1 - c0, out, 1, dys, dyAt, out, ws, c0, in, beta, dxs, dxAt, in);
        });
    }

    @Override
    public void gradWeight(INDArray dy, INDArray x, INDArray dw, double betaW) {
        float beta = (float) betaW;
        int in = (int) dw.size(1);
        int out = (int) dw.size(0);
        int n = rowCount(x, in);
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory dws = FloatMemory.of(dw);
        shares.run(out, in, n, (r0, r1, c0, c1) -> {
            long dwAt = (long) r0 * in + c0;
            gemm.run(true, false, r1 - r0, c1 - c0, n, 1, dys, r0, out, xs, c0, in, beta, dws, dwAt, in);
        });
    }

    /** Number of rows of an array whose rows have this width. */
    static int rowCount(INDArray x, long width) {
        if (x.length() % width != 0) {
            throw new IllegalArgumentException("rows of width " + width + " expected, got " + x.shapeInfoToString());
        }
        return Math.toIntExact(x.length() / width);
    }
}
