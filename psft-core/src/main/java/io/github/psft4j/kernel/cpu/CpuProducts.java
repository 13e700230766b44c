package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.Bf16Array;
import io.github.psft4j.kernel.cpu.gemm.CacheRead;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.gemm.Gemm;
import io.github.psft4j.kernel.cpu.gemm.OneDnnGemm;
import io.github.psft4j.kernel.cpu.gemm.OpenBlasGemm;
import io.github.psft4j.kernel.cpu.gemm.Operands;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Products} in float: every worker computes its own part of the output. Weights in bfloat16 become float a panel
 * at a time.
 */
record CpuProducts(ProductSplit shares, Gemm gemm, WidePanels wide, FewRows few, DotRows dots) implements Products {

    /** Reads the weight once, where a product of matrices packs it first. */
    private static final Gemm ONE_ROW = new OpenBlasGemm();

    /** Fewest columns that {@link FewRows} turns around. */
    private static final int LEAST_COLUMNS = 4;

    /** Memory of {@link ThreadScratch} for rows that are filled up, and for their outputs. */
    private static final int ROWS = 4;

    private static final int OUTPUTS = 5;

    /**
     * Products on the pool by the given library.
     *
     * @param batchInvariant whether a row of {@link #linear} has the bits that it has among many rows
     */
    CpuProducts(WorkerPool pool, Gemm gemm, RowMath rows, boolean batchInvariant) {
        this(
                new ProductSplit(pool),
                gemm,
                new WidePanels(pool, rows),
                new FewRows(pool, batchInvariant),
                new DotRows(pool, rows));
    }

    @Override
    public boolean takesBf16Weights() {
        return true;
    }

    @Override
    public void linear(INDArray x, INDArray w, INDArray y, double betaY) {
        float beta = (float) betaY;
        int n = rowCount(x, w.size(1));
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        if (few.suits(n, w)) {
            fewRows(xs, n, w, ys, beta);
        } else if (few.batchInvariant() && n < OneDnnGemm.ORDERED_ROWS && n > 0) {
            FloatMemory filled = filledUp(xs, n, in, OneDnnGemm.ORDERED_ROWS, ROWS);
            FloatMemory outputs = filledUp(ys, n, out, OneDnnGemm.ORDERED_ROWS, OUTPUTS);
            rows(filled, OneDnnGemm.ORDERED_ROWS, w, outputs, beta);
            copy(outputs, n, out, ys);
        } else if (!few.batchInvariant() && dots.suits(n, w)) {
            dots.run(xs, n, w, ys, beta);
        } else if (n == 1 && shares.serial(1, out, in) && !Bf16Array.is(w)) {
            oneRow(xs, FloatMemory.of(w), ys, in, out, beta);
        } else {
            rows(xs, n, w, ys, beta);
        }
    }

    /** A step of one sequence on one thread: what surrounds so small a product takes as long as the product. */
    private static void oneRow(FloatMemory xs, FloatMemory ws, FloatMemory ys, int in, int out, float beta) {
        Operands o = Operands.local();
        o.a.at(xs, 0, in);
        o.b.transposed(ws, 0, in);
        ONE_ROW.run(1, out, in, 1, o.a, o.b, beta, o.c.at(ys, 0, out));
    }

    private void rows(FloatMemory xs, int n, INDArray w, FloatMemory ys, float beta) {
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        WidePanels.Use rows = (ws, from, to) -> shares.run(n, to - from, in, (r0, r1, c0, c1) -> {
            Operands o = Operands.local();
            o.a.at(xs, (long) r0 * in, in);
            o.b.transposed(ws, (long) c0 * in, in);
            o.c.at(ys, (long) r0 * out + from + c0, out);
            Gemm product = r1 - r0 == 1 ? ONE_ROW : gemm;
            product.run(r1 - r0, c1 - c0, in, 1, o.a, o.b, beta, o.c);
        });
        if (!Bf16Array.is(w)) {
            rows.run(FloatMemory.of(w), 0, out);
        } else if (n == 1) {
            Bf16Array narrow = Bf16Array.of(w);
            shares.run(
                    1,
                    out,
                    in,
                    (r0, r1, c0, c1) -> wide.inCache(narrow, in, c0, c1, (ws, from, to) -> {
                        Operands o = Operands.local();
                        o.a.at(xs, 0, in);
                        o.b.transposed(ws, 0, in);
                        o.c.at(ys, from, out);
                        ONE_ROW.run(1, to - from, in, 1, o.a, o.b, beta, o.c);
                    }));
        } else {
            wide.rows(Bf16Array.of(w), out, in, rows);
        }
    }

    private void fewRows(FloatMemory xs, int n, INDArray w, FloatMemory ys, float beta) {
        int in = (int) w.size(1);
        int columns = Math.max(n, LEAST_COLUMNS);
        FloatMemory filled = columns == n ? xs : filledUp(xs, n, in, columns, ROWS);
        few.run(n, columns, (int) w.size(0), beta, ys, (from, to, added, panel) -> {
            WidePanels.Use product = (ws, first, last) -> {
                Operands o = Operands.local();
                o.a.at(ws, Bf16Array.is(w) ? 0 : (long) first * in, in);
                o.b.transposed(filled, 0, in);
                o.c.at(panel, (long) (first - from) * columns, columns);
                gemm.run(last - first, columns, in, 1, o.a, o.b, added, o.c);
            };
            if (Bf16Array.is(w)) {
                wide.inCache(Bf16Array.of(w), in, from, to, product);
            } else {
                FloatMemory ws = FloatMemory.of(w);
                if (in < CacheRead.LONG_ROW) {
                    CacheRead.run(ws, (long) from * in, (long) (to - from) * in * Float.BYTES);
                }
                product.run(ws, from, to);
            }
        });
    }

    /** The rows with zeros behind them, in scratch memory. */
    private static FloatMemory filledUp(FloatMemory from, int n, int width, int rows, int slot) {
        FloatMemory filled = ThreadScratch.local().memory(slot, (long) rows * width);
        copy(from, n, width, filled);
        AttentionRows.zero(filled, (long) n * width, (rows - n) * width);
        return filled;
    }

    private static void copy(FloatMemory from, int n, int width, FloatMemory to) {
        float[] row = ThreadScratch.local().array(0, width);
        for (int i = 0; i < n; i++) {
            from.get((long) i * width, row, width);
            to.put((long) i * width, row, width);
        }
    }

    @Override
    public void gradInput(INDArray dy, INDArray w, INDArray dx, double betaX) {
        float beta = (float) betaX;
        int n = rowCount(dy, w.size(0));
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory dxs = FloatMemory.of(dx);
        WidePanels.Use columns = (ws, from, to) -> shares.run(n, to - from, out, (r0, r1, c0, c1) -> {
            Operands o = Operands.local();
            o.a.at(dys, (long) r0 * out, out);
            o.b.at(ws, c0, to - from);
            o.c.at(dxs, (long) r0 * in + from + c0, in);
            gemm.run(r1 - r0, c1 - c0, out, 1, o.a, o.b, beta, o.c);
        });
        if (Bf16Array.is(w)) {
            wide.columns(Bf16Array.of(w), out, in, columns);
        } else {
            columns.run(FloatMemory.of(w), 0, in);
        }
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
            Operands o = Operands.local();
            o.a.transposed(dys, r0, out);
            o.b.at(xs, c0, in);
            o.c.at(dws, (long) r0 * in + c0, in);
            gemm.run(r1 - r0, c1 - c0, n, 1, o.a, o.b, beta, o.c);
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
