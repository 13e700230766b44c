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

    /** Most rows that are multiplied with bytes: for more, a product of floats pays for converting the weight. */
    private static final int FEW = 16;

    /** Blocks of a weight whose outputs are kept at a time. */
    private static final int BLOCKS = 64;

    /** Floats of a panel, which stays in the second-level cache. */
    private static final int PANEL = 1 << 16;

    /** Memory of {@link ThreadScratch} for a panel. */
    private static final int PANELS = 3;

    // Its arrays.
    private static final int INPUT = 0;
    private static final int OUTPUT = 1;
    private static final int SUMS = 2;
    private static final int DOTS = 3;

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
        pool.share(weight.blocks(), (from, to, id) -> {
            if (n <= FEW) {
                fewRows(xs, n, weight, ys, from, to, (float) beta);
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

    /** Columns of the output that blocks [from, to) of the weight make, for few rows. */
    private void fewRows(FloatMemory xs, int n, Int8Weight w, FloatMemory ys, int from, int to, float beta) {
        ThreadScratch scratch = ThreadScratch.local();
        int in = w.in();
        // Filled up with any numbers: rows behind n are computed and not kept.
        float[] x = scratch.array(INPUT, (n + Int8Rows.TOGETHER - 1) / Int8Rows.TOGETHER * Int8Rows.TOGETHER * in);
        float[] y = scratch.array(OUTPUT, BLOCKS * Int8Rows.LANES);
        float[] sums = scratch.array(SUMS, n * BLOCKS * Int8Rows.LANES);
        xs.get(0, x, n * in);
        for (int first = from; first < to; first += BLOCKS) {
            int last = Math.min(to, first + BLOCKS);
            if (n == 1) {
                oneRow(w, first, last, x, sums);
            } else {
                severalRows(w, first, last, x, n, sums);
            }
            int column = first * Int8Rows.LANES;
            int columns = Math.min(w.out(), last * Int8Rows.LANES) - column;
            for (int r = 0; r < n; r++) {
                long at = (long) r * w.out() + column;
                if (beta != 0) {
                    ys.get(at, y, columns);
                }
                int sum = r * BLOCKS * Int8Rows.LANES;
                for (int c = 0; c < columns; c++) {
                    y[c] = w.scales()[column + c] * sums[sum + c] + (beta == 0 ? 0 : beta * y[c]);
                }
                ys.put(at, y, columns);
            }
        }
    }

    /** The sums of blocks [first, last) for one row, by two blocks. */
    private void oneRow(Int8Weight w, int first, int last, float[] x, float[] sums) {
        float[] two = ThreadScratch.local().array(DOTS, 2 * Int8Rows.LANES);
        for (int b = first; b < last; b += 2) {
            int second = Math.min(b + 1, last - 1);
            bytes.dot(w.values(), w.at(b), w.at(second), x, w.in(), two);
            System.arraycopy(two, 0, sums, (b - first) * Int8Rows.LANES, (second - b + 1) * Int8Rows.LANES);
        }
    }

    /** The sums of blocks [first, last) for n rows, {@code [n, BLOCKS LANES]}: a block stays in the cache. */
    private void severalRows(Int8Weight w, int first, int last, float[] x, int n, float[] sums) {
        float[] four = ThreadScratch.local().array(DOTS, Int8Rows.TOGETHER * Int8Rows.LANES);
        for (int b = first; b < last; b++) {
            for (int r = 0; r < n; r += Int8Rows.TOGETHER) {
                bytes.dots(w.values(), w.at(b), x, r * w.in(), w.in(), four);
                for (int k = 0; k < Math.min(Int8Rows.TOGETHER, n - r); k++) {
                    int at = ((r + k) * BLOCKS + b - first) * Int8Rows.LANES;
                    System.arraycopy(four, k * Int8Rows.LANES, sums, at, Int8Rows.LANES);
                }
            }
        }
    }

    /** The same for many rows: panels of the weight become float within the cache. */
    private void rows(FloatMemory xs, int n, Int8Weight w, FloatMemory ys, int from, int to, float beta) {
        ThreadScratch scratch = ThreadScratch.local();
        int in = w.in();
        int step = Math.max(1, PANEL / in / Int8Rows.LANES); // blocks of a panel
        int width = Math.min(step, to - from) * Int8Rows.LANES;
        float[] floats = scratch.array(INPUT, in * width);
        FloatMemory panel = scratch.memory(PANELS, (long) in * width);
        for (int first = from; first < to; first += step) {
            int last = Math.min(to, first + step);
            for (int b = first; b < last; b++) {
                int at = (b - first) * Int8Rows.LANES;
                bytes.widen(w.values(), w.at(b), w.scales(), b * Int8Rows.LANES, floats, at, width, in);
            }
            panel.put(0, floats, in * width);
            int column = first * Int8Rows.LANES;
            int columns = Math.min(w.out(), last * Int8Rows.LANES) - column;
            Operands o = Operands.local();
            o.a.at(xs, 0, in);
            o.b.at(panel, 0, width);
            o.c.at(ys, column, w.out());
            gemm.run(n, columns, in, 1, o.a, o.b, beta, o.c);
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
