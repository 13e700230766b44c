package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.LowRankSide;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.Bf16Array;
import io.github.psft4j.kernel.cpu.gemm.Bf16Gemm;
import io.github.psft4j.kernel.cpu.gemm.Bf16Memory;
import io.github.psft4j.kernel.cpu.gemm.CacheRead;
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

    /**
     * A weight so many times as long as there are rows, that of a vocabulary, is split by columns. Split by rows, every
     * worker would pack all of it for few rows.
     */
    private static final int WIDE = 32;

    /** Few rows are filled up to a multiple of it: the lanes of a vector, and few shapes to compile kernels for. */
    private static final int ROW_STEP = 16;

    /** Fewest rows of {@link FewRows}: below, packing the weight costs less. */
    private static final int LEAST_ROWS = 4;

    private final WorkerPool pool;
    private final FewRows few;
    private final ProductSplit shares;
    private final Bf16Weights weights = new Bf16Weights();
    private final Bf16Memory left = new Bf16Memory();
    private final Bf16Memory right = new Bf16Memory();
    private final Bf16Memory inputs = new Bf16Memory();
    private final Bf16Memory lows = new Bf16Memory();

    Bf16Products(WorkerPool pool) {
        this.pool = pool;
        this.few = new FewRows(pool, false);
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
        int n = CpuProducts.rowCount(x, w.size(1));
        if (FewRows.suits(n, LEAST_ROWS, w)) {
            fewRows(x, n, w, y, (float) beta);
        } else {
            byRows(x, n, w, true, y, (float) beta);
        }
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
        NativeMemory ws = narrow(w);
        left.reserve((long) n * k);
        boolean wide = Math.max(m, k) > WIDE * n;
        if (shares.serial(n, m, k) || shares.byRows(n) && !wide) {
            shares.run(n, m, k, (r0, r1, c0, c1) -> {
                Bf16Gemm gemm = Bf16Gemm.local();
                Operands o = Operands.local();
                for (int r = r0; r < r1; r += Bf16Gemm.BLOCK) {
                    int rows = Math.min(Bf16Gemm.BLOCK, r1 - r);
                    long at = (long) r * k;
                    gemm.convert(as, at, left, at, (long) rows * k);
                    weight(o.b, ws, 0, stride, transposed);
                    gemm.run(rows, m, k, o.a.at(left, at, k), o.b, beta, o.c.at(cs, (long) r * m, m));
                }
            });
        } else {
            convert(as, left);
            pool.share(m, (c0, c1, id) -> {
                Operands o = Operands.local();
                weight(o.b, ws, c0, stride, transposed);
                Bf16Gemm.local().run(n, c1 - c0, k, o.a.at(left, 0, k), o.b, beta, o.c.at(cs, c0, m));
            });
        }
    }

    /** A kernel is compiled for its shape, so the rows are filled up to a multiple of {@link #ROW_STEP}. */
    private void fewRows(INDArray x, int n, INDArray w, INDArray y, float beta) {
        int in = (int) w.size(1);
        int columns = (n + ROW_STEP - 1) / ROW_STEP * ROW_STEP;
        NativeMemory ws = narrow(w);
        left.reserve((long) columns * in);
        convert(FloatMemory.of(x), left);
        few.run(n, columns, (int) w.size(0), beta, FloatMemory.of(y), (from, to, zero, panel) -> {
            long at = (long) from * in;
            if (in < CacheRead.LONG_ROW) {
                CacheRead.run(ws, at, (long) (to - from) * in * Short.BYTES);
            }
            Operands o = Operands.local();
            o.a.at(ws, at, in);
            o.b.transposed(left, 0, in);
            Bf16Gemm.local().runCompiled(to - from, columns, in, o.a, o.b, o.c.at(panel, 0, columns));
        });
    }

    private NativeMemory narrow(INDArray w) {
        return Bf16Array.is(w) ? Bf16Array.of(w) : weights.get(FloatMemory.of(w), this::convert);
    }

    /** Whether products of n rows are computed by rows while the weight and both sides are valid in bfloat16. */
    private boolean fused(int n, INDArray w, LowRankSide side) {
        int least = (int) Math.min(w.size(0), w.size(1));
        return weights.canHold(w.length() + side.a().length() + side.b().length())
                && n > 0
                && !FewRows.suits(n, LEAST_ROWS, w)
                && !shares.serial(n, least, least)
                && shares.byRows(n);
    }

    /** A worker converts a block of x once, and adds the side's product while the block of y is in the cache. */
    @Override
    public void linear(INDArray x, INDArray w, LowRankSide side, INDArray y, double beta) {
        int n = CpuProducts.rowCount(x, w.size(1));
        if (!fused(n, w, side)) {
            Products.super.linear(x, w, side, y, beta);
            return;
        }
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        int rank = (int) side.a().size(0);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        FloatMemory low = FloatMemory.of(side.low());
        NativeMemory ws = narrow(w);
        NativeMemory as = narrow(side.a());
        NativeMemory bs = narrow(side.b());
        left.reserve((long) n * in);
        right.reserve((long) n * rank);
        shares.run(n, out, in, (r0, r1, c0, c1) -> {
            Bf16Gemm gemm = Bf16Gemm.local();
            Operands o = Operands.local();
            for (int r = r0; r < r1; r += Bf16Gemm.BLOCK) {
                int rows = Math.min(Bf16Gemm.BLOCK, r1 - r);
                long atX = (long) r * in;
                long atLow = (long) r * rank;
                long atY = (long) r * out;
                gemm.convert(xs, atX, left, atX, (long) rows * in);
                gemm.run(
                        rows,
                        out,
                        in,
                        o.a.at(left, atX, in),
                        o.b.transposed(ws, 0, in),
                        (float) beta,
                        o.c.at(ys, atY, out));
                gemm.run(rows, rank, in, o.a.at(left, atX, in), o.b.transposed(as, 0, in), 0, o.c.at(low, atLow, rank));
                gemm.convert(low, atLow, right, atLow, (long) rows * rank);
                gemm.run(
                        rows,
                        out,
                        rank,
                        o.a.at(right, atLow, rank),
                        o.b.transposed(bs, 0, rank),
                        1,
                        o.c.at(ys, atY, out));
            }
        });
    }

    /** A worker converts a block of dy and of x once for all gradients. */
    @Override
    public void grad(INDArray dy, INDArray x, INDArray w, LowRankSide side, INDArray dx, LowRankSide gradients) {
        int n = CpuProducts.rowCount(x, w.size(1));
        if (!fused(n, w, side)) {
            Products.super.grad(dy, x, w, side, dx, gradients);
            return;
        }
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        int rank = (int) side.a().size(0);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory dxs = FloatMemory.of(dx);
        FloatMemory low = FloatMemory.of(side.low());
        FloatMemory dLow = FloatMemory.of(gradients.low());
        NativeMemory ws = narrow(w);
        NativeMemory as = narrow(side.a());
        NativeMemory bs = narrow(side.b());
        left.reserve((long) n * out);
        right.reserve((long) n * rank);
        inputs.reserve((long) n * in);
        lows.reserve((long) n * rank);
        shares.run(n, in, out, (r0, r1, c0, c1) -> {
            Bf16Gemm gemm = Bf16Gemm.local();
            Operands o = Operands.local();
            gemm.convert(xs, (long) r0 * in, inputs, (long) r0 * in, (long) (r1 - r0) * in);
            gemm.convert(low, (long) r0 * rank, lows, (long) r0 * rank, (long) (r1 - r0) * rank);
            for (int r = r0; r < r1; r += Bf16Gemm.BLOCK) {
                int rows = Math.min(Bf16Gemm.BLOCK, r1 - r);
                long atY = (long) r * out;
                long atLow = (long) r * rank;
                long atX = (long) r * in;
                gemm.convert(dys, atY, left, atY, (long) rows * out);
                gemm.run(rows, in, out, o.a.at(left, atY, out), o.b.at(ws, 0, in), 0, o.c.at(dxs, atX, in));
                gemm.run(rows, rank, out, o.a.at(left, atY, out), o.b.at(bs, 0, rank), 0, o.c.at(dLow, atLow, rank));
                gemm.convert(dLow, atLow, right, atLow, (long) rows * rank);
                gemm.run(rows, in, rank, o.a.at(right, atLow, rank), o.b.at(as, 0, in), 1, o.c.at(dxs, atX, in));
            }
        });
        gradWeight(left, out, lows, rank, n, gradients.b());
        gradWeight(right, rank, inputs, in, n, gradients.a());
    }

    /** {@code dw = dyᵀ x} of operands that are converted already. */
    private void gradWeight(Bf16Memory dy, int out, Bf16Memory x, int in, int n, INDArray dw) {
        FloatMemory dws = FloatMemory.of(dw);
        shares.run(out, in, n, (r0, r1, c0, c1) -> {
            Operands o = Operands.local();
            o.a.transposed(dy, r0, out);
            o.b.at(x, c0, in);
            o.c.at(dws, (long) r0 * in + c0, in);
            Bf16Gemm.local().run(r1 - r0, c1 - c0, n, o.a, o.b, 0, o.c);
        });
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
