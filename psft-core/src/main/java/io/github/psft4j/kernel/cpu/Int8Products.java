package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.LowRankSide;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.Bf16Array;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.gemm.Gemm;
import io.github.psft4j.kernel.cpu.gemm.NativeMemory;
import io.github.psft4j.kernel.cpu.gemm.Operands;
import io.github.psft4j.kernel.cpu.rows.Int8Rows;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Products} of generation and scoring with weights rounded to bytes, see {@link Int8Weight}. Activations and
 * sums stay in float. A weight is rounded when it is used first, and not again: nothing may change it afterwards.
 */
final class Int8Products implements Products {

    /** Weights of fewer numbers stay in float: they cost no time, such as the head of a critic. */
    private static final int LEAST = 1 << 14;

    /** Floats of a panel, which stays in the second-level cache. */
    private static final int PANEL = 1 << 16;

    /** A panel has a multiple of so many rows, the lanes of a vector. */
    private static final int STEP = 16;

    /** Memory of {@link ThreadScratch} for a panel. */
    private static final int PANELS = 3;

    // Its arrays.
    private static final int INPUT = 0;
    private static final int OUTPUT = 1;
    private static final int SUMS = 2;

    /** A weight matrix by where it lies. */
    private record Key(long address, long length) {}

    private final WorkerPool pool;
    private final Gemm gemm;
    private final RowMath math;
    private final Int8Rows bytes;
    private final Products floats;
    private final Map<Key, Int8Weight> weights = new HashMap<>();

    Int8Products(WorkerPool pool, Gemm gemm, RowMath math) {
        this.pool = pool;
        this.gemm = gemm;
        this.math = math;
        this.bytes = math.int8Rows();
        this.floats = new CpuProducts(pool, gemm, math, false);
    }

    @Override
    public Precision precision() {
        return Precision.INT8;
    }

    @Override
    public boolean takesBf16Weights() {
        return true;
    }

    @Override
    public void linear(INDArray x, INDArray w, INDArray y, double beta) {
        if (w.length() < LEAST) {
            floats.linear(x, w, y, beta);
            return;
        }
        int n = CpuProducts.rowCount(x, w.size(1));
        if (n == 0) {
            return;
        }
        NativeMemory there = Bf16Array.is(w) ? Bf16Array.of(w) : FloatMemory.of(w);
        Key key = new Key(there.address(0), w.length());
        Int8Weight weight = weights.computeIfAbsent(key, k -> Int8Weight.of(w, pool, math));
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        int out = weight.scales().length;
        pool.share(out, (from, to, id) -> {
            if (n == 1) {
                oneRow(xs, weight, ys, from, to, (float) beta);
            } else {
                rows(xs, n, weight, ys, from, to, (float) beta);
            }
        });
    }

    /** The sides of an adapter are made anew for a pass, so they stay in float. */
    @Override
    public void linear(INDArray x, INDArray w, LowRankSide side, INDArray y, double beta) {
        linear(x, w, y, beta);
        floats.linear(x, side.a(), side.low(), 0);
        floats.linear(side.low(), side.b(), y, 1);
    }

    /** Columns [from, to) of the output for one row. */
    private void oneRow(FloatMemory xs, Int8Weight w, FloatMemory ys, int from, int to, float beta) {
        ThreadScratch scratch = ThreadScratch.local();
        int in = w.in();
        float[] x = scratch.array(INPUT, in);
        float[] y = scratch.array(OUTPUT, to - from + Int8Rows.ROWS);
        float[] sums = scratch.array(SUMS, Int8Rows.ROWS);
        xs.get(0, x, in);
        if (beta != 0) {
            ys.get(from, y, to - from);
        }
        int last = Math.max(from, to - Int8Rows.ROWS); // the last four overlap those before
        for (int o = from; o < to; o += Int8Rows.ROWS) {
            int first = Math.min(o, last);
            int rows = Math.min(Int8Rows.ROWS, to - first);
            dots(w, first, rows, x, sums);
            for (int r = o - first; r < rows; r++) {
                int at = first + r - from;
                y[at] = w.scales()[first + r] * sums[r] + (beta == 0 ? 0 : beta * y[at]);
            }
        }
        ys.put(from, y, to - from);
    }

    private void dots(Int8Weight w, int first, int rows, float[] x, float[] sums) {
        int in = w.in();
        if (rows == Int8Rows.ROWS) {
            bytes.dots(w.values(), first * in, x, in, sums);
            return;
        }
        for (int r = 0; r < rows; r++) { // a weight of fewer rows than that
            float sum = 0;
            for (int i = 0; i < in; i++) {
                sum += w.values()[(first + r) * in + i] * x[i];
            }
            sums[r] = sum;
        }
    }

    /** Columns [from, to) of the output for several rows: panels of the weight become float within the cache. */
    private void rows(FloatMemory xs, int n, Int8Weight w, FloatMemory ys, int from, int to, float beta) {
        ThreadScratch scratch = ThreadScratch.local();
        int in = w.in();
        int step = Math.max(STEP, PANEL / in / STEP * STEP);
        FloatMemory panel = scratch.memory(PANELS, (long) Math.min(step, to - from) * in);
        for (int first = from; first < to; first += step) {
            int last = Math.min(to, first + step);
            float[] row = scratch.array(INPUT, in);
            for (int r = first; r < last; r++) {
                bytes.widen(w.values(), r * in, w.scales()[r], row, in);
                panel.put((long) (r - first) * in, row, in);
            }
            Operands o = Operands.local();
            o.a.at(xs, 0, in);
            o.b.transposed(panel, 0, in);
            o.c.at(ys, first, w.scales().length);
            gemm.run(n, last - first, in, 1, o.a, o.b, beta, o.c);
        }
    }

    @Override
    public void gradInput(INDArray dy, INDArray w, INDArray dx, double beta) {
        throw noGradient();
    }

    @Override
    public void gradWeight(INDArray dy, INDArray x, INDArray dw, double beta) {
        throw noGradient();
    }

    private static UnsupportedOperationException noGradient() {
        return new UnsupportedOperationException(
                "precision INT8 has no gradients: it is for generation and scoring; set BF16 or F32 to train");
    }
}
