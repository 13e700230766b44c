package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.gemm.Gemm;
import io.github.psft4j.kernel.cpu.gemm.OpenBlasGemm;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link LinearProducts} in float: every worker computes its own part of the output. */
final class CpuProducts implements LinearProducts {

    private final ProductSplit shares;
    private final Gemm gemm;

    CpuProducts(WorkerPool pool, Gemm gemm) {
        this.shares = new ProductSplit(pool);
        this.gemm = gemm;
    }

    @Override
    public String name() {
        return gemm.name();
    }

    @Override
    public Precision precision() {
        return Precision.F32;
    }

    @Override
    public void linear(INDArray x, INDArray w, INDArray y, float beta) {
        int n = LinearProducts.rowCount(x, w.size(1));
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
    public void gradInput(INDArray dy, INDArray w, INDArray dx, float beta) {
        int n = LinearProducts.rowCount(dy, w.size(0));
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
    public void gradWeight(INDArray dy, INDArray x, INDArray dw, float beta) {
        int in = (int) dw.size(1);
        int out = (int) dw.size(0);
        int n = LinearProducts.rowCount(x, in);
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory dws = FloatMemory.of(dw);
        shares.run(out, in, n, (r0, r1, c0, c1) -> {
            long dwAt = (long) r0 * in + c0;
            gemm.run(true, false, r1 - r0, c1 - c0, n, 1, dys, r0, out, xs, c0, in, beta, dws, dwAt, in);
        });
    }

    /** Weights are read as they are. */
    @Override
    public WeightScope holdWeights() {
        return () -> {};
    }
}
