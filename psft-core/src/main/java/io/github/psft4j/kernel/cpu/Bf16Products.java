package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.Bf16Array;
import io.github.psft4j.kernel.cpu.gemm.Bf16Gemm;
import io.github.psft4j.kernel.cpu.gemm.Bf16Memory;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.gemm.Matrix;
import io.github.psft4j.kernel.cpu.gemm.NativeMemory;
import io.github.psft4j.kernel.cpu.gemm.Operands;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Products} with operands rounded to bfloat16 and sums in float. For operands a and b, rounding moves a result
 * by at most (2^-7 + 2^-16) sum |a b|, 2^-8 from each operand. The error of summing in float is added to that.
 *
 * <p>Activations and gradients are converted where they are used. A worker that computes rows of the output converts
 * these rows, a block at a time, so that the product finds them in the cache. Weights of type BFLOAT16 are used as they
 * are.
 */
final class Bf16Products implements Products {

    /** Rows converted and multiplied at a time: large enough for full speed, small enough for the cache. */
    private static final int ROW_BLOCK = 256;

    private final WorkerPool pool;
    private final ProductSplit shares;
    private final Bf16Weights weights = new Bf16Weights();
    private final Bf16Memory left = new Bf16Memory();
    private final Bf16Memory right = new Bf16Memory();

    Bf16Products(WorkerPool pool) {
        this.pool = pool;
        this.shares = new ProductSplit(pool);
    }

    @Override
    public WeightScope holdWeights() {
        return weights.hold();
    }

    @Override
    public void holdAtMost(long bytes) {
        weights.atMost(bytes);
    }

    @Override
    public Precision precision() {
        return Precision.BF16;
    }

    @Override
    public boolean takesBf16Weights() {
        return true;
    }

    @Override
    public void linear(INDArray x, INDArray w, INDArray y, double beta) {
        byRows(x, CpuProducts.rowCount(x, w.size(1)), w, true, y, (float) beta);
    }

    @Override
    public void gradInput(INDArray dy, INDArray w, INDArray dx, double beta) {
        byRows(dy, CpuProducts.rowCount(dy, w.size(0)), w, false, dx, (float) beta);
    }

    /** {@code c = a wᵀ + beta c}, or {@code a w} if not transposed, with n rows in a and c. */
    private void byRows(INDArray a, int n, INDArray w, boolean transposed, INDArray c, float beta) {
        if (n == 0) {
            return;
        }
        FloatMemory as = FloatMemory.of(a);
        FloatMemory cs = FloatMemory.of(c);
        int stride = (int) w.size(1);
        int k = (int) w.size(transposed ? 1 : 0);
        int m = (int) w.size(transposed ? 0 : 1);
        NativeMemory ws = Bf16Array.is(w) ? Bf16Array.of(w) : weights.get(FloatMemory.of(w), this::convert);
        left.reserve((long) n * k);
        if (shares.serial(n, m, k) || shares.byRows(n, m)) {
            shares.run(n, m, k, (r0, r1, c0, c1) -> {
                Bf16Gemm gemm = Bf16Gemm.local();
                Operands o = Operands.local();
                for (int r = r0; r < r1; r += ROW_BLOCK) {
                    int rows = Math.min(ROW_BLOCK, r1 - r);
                    long at = (long) r * k;
                    gemm.convert(as, at, left, at, (long) rows * k);
                    weight(o.b, ws, 0, stride, transposed);
                    gemm.run(rows, m, k, o.a.at(left, at, k), o.b, beta, o.c.at(cs, (long) r * m, m));
                }
            });
        } else {
            convert(as, left);
            shares.run(n, m, k, (r0, r1, c0, c1) -> {
                Operands o = Operands.local();
                weight(o.b, ws, c0, stride, transposed);
                Bf16Gemm.local().run(n, c1 - c0, k, o.a.at(left, 0, k), o.b, beta, o.c.at(cs, c0, m));
            });
        }
    }

    /** Columns of wᵀ or w from {@code column} on. */
    private static void weight(Matrix to, NativeMemory w, int column, int stride, boolean transposed) {
        if (transposed) {
            to.transposed(w, (long) column * stride, stride);
        } else {
            to.at(w, column, stride);
        }
    }

    @Override
    public void gradWeight(INDArray dy, INDArray x, INDArray dw, double beta) {
        convert(FloatMemory.of(dy), left.reserve(dy.length()));
        gradWeight(x, dw, (float) beta);
    }

    /** The gradient of the input leaves dy in bfloat16 behind. */
    @Override
    public void grad(INDArray dy, INDArray x, INDArray w, INDArray dx, double betaX, INDArray dw, double betaW) {
        gradInput(dy, w, dx, betaX);
        gradWeight(x, dw, (float) betaW);
    }

    /** {@code dw = dyᵀ x + beta dw} with dy converted already. */
    private void gradWeight(INDArray x, INDArray dw, float beta) {
        int in = (int) dw.size(1);
        int out = (int) dw.size(0);
        int n = CpuProducts.rowCount(x, in);
        FloatMemory dws = FloatMemory.of(dw);
        convert(FloatMemory.of(x), right.reserve(x.length()));
        shares.run(out, in, n, (r0, r1, c0, c1) -> {
            Operands o = Operands.local();
            o.a.transposed(left, r0, out);
            o.b.at(right, c0, in);
            o.c.at(dws, (long) r0 * in + c0, in);
            Bf16Gemm.local().run(r1 - r0, c1 - c0, n, o.a, o.b, beta, o.c);
        });
    }

    /** Converts a whole array, every worker a share of it. */
    private void convert(FloatMemory from, Bf16Memory to) {
        int blocks = Math.toIntExact((from.length() + Bf16Gemm.CONVERT_BLOCK - 1) / Bf16Gemm.CONVERT_BLOCK);
        if (blocks == 1) {
            Bf16Gemm.local().convert(from, 0, to, 0, from.length());
            return;
        }
        pool.share(blocks, (first, last, id) -> {
            long start = (long) first * Bf16Gemm.CONVERT_BLOCK;
            long end = Math.min(from.length(), (long) last * Bf16Gemm.CONVERT_BLOCK);
            Bf16Gemm.local().convert(from, start, to, start, end - start);
        });
    }
}
