package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.Bf16Array;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.DotLoops;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Products of a handful of rows with a large weight, one dot product per output: a step of some sequences. The weight
 * is read from memory once and in order, which takes longer than to multiply it. A weight in bfloat16 becomes float in
 * the first-level cache, for one row in the registers. The bits differ from those of more rows.
 *
 * @param loops null where there are none
 */
record DotRows(WorkerPool pool, RowMath math, DotLoops loops) {

    /** Fewest numbers of a weight: a smaller one stays in the second-level cache. */
    private static final long LARGE = FewRows.LARGE;

    // Arrays of ThreadScratch.
    private static final int WEIGHT = 0; // where a row in bfloat16 becomes float
    private static final int INPUT = 1;
    private static final int SUMS = 2;
    private static final int OUTPUT = 3;
    private static final int BEFORE = 4;
    private static final int WIDE = 5;

    /** By the loops of the given form. */
    DotRows(WorkerPool pool, RowMath math) {
        this(pool, math, math.dots());
    }

    /** Whether a product of n rows with the weight is computed so. */
    boolean suits(int n, INDArray w) {
        return loops != null && loops.suits(n, Bf16Array.is(w)) && w.length() >= LARGE;
    }

    private static int up(int n, int unit) {
        return (n + unit - 1) / unit * unit;
    }

    /** Four rows of a weight, multiplied with all rows of x: sums of outputs from the first on. */
    private interface Four {
        void run(long offset, int rows, int first, float[] sums);
    }

    /** {@code y = x wᵀ + beta y}, with x {@code [n, in]}, w {@code [out, in]}, y {@code [n, out]}. */
    void run(FloatMemory x, int n, INDArray w, FloatMemory y, float beta) {
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        boolean narrow = Bf16Array.is(w);
        Bf16Array halves = narrow ? Bf16Array.of(w) : null;
        FloatMemory floats = narrow ? null : FloatMemory.of(w);
        int step = up(in, DotLoops.UNIT);
        boolean single = n == 1 && narrow;
        int rows = single ? 1 : up(n, loops.rowStep());
        pool.share(up(out, DotLoops.OUTPUTS) / DotLoops.OUTPUTS, (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] inputs = scratch.array(INPUT, rows * step);
            copy(x, 0, n, in, inputs, step);
            Arrays.fill(inputs, n * step, rows * step, 0f);
            Four four;
            if (single) {
                four = oneNarrowRow(scratch, evenThenOdd(inputs, step), halves, in, step);
            } else {
                four = rows(scratch, inputs, rows, floats, halves, in, step);
            }
            float[] sums = scratch.array(SUMS, rows * DotLoops.OUTPUTS * loops.lanes());
            float[] outputs = scratch.array(OUTPUT, rows * DotLoops.OUTPUTS);
            for (int panel = from; panel < to; panel++) {
                int first = panel * DotLoops.OUTPUTS;
                int count = Math.min(DotLoops.OUTPUTS, out - first);
                for (int j = 0; j < count; j += DotLoops.ROWS) {
                    four.run((long) (first + j) * in, Math.min(DotLoops.ROWS, count - j), j, sums);
                }
                loops.addLanes(sums, rows * DotLoops.OUTPUTS, outputs);
                write(outputs, n, y, first, count, out, beta);
            }
        });
    }

    private Four oneNarrowRow(ThreadScratch scratch, float[] input, Bf16Array w, int in, int step) {
        short[] weights = scratch.bits(DotLoops.ROWS * step);
        return (offset, count, first, sums) -> {
            if (in == step) {
                w.get(offset, weights, count * in);
            } else {
                for (int r = 0; r < count; r++) {
                    w.get(offset + (long) r * in, weights, r * step, in);
                    Arrays.fill(weights, r * step + in, (r + 1) * step, (short) 0);
                }
            }
            loops.oneRow(input, weights, step, first, sums);
        };
    }

    private Four rows(
            ThreadScratch scratch, float[] input, int rows, FloatMemory floats, Bf16Array halves, int in, int step) {
        float[] weights = scratch.array(floats == null ? WIDE : WEIGHT, DotLoops.ROWS * step);
        return (offset, count, first, sums) -> {
            float[] four = weights;
            if (floats != null) {
                copy(floats, offset, count, in, four, step);
            } else if (in == step) {
                scratch.array(WEIGHT, DotLoops.ROWS * step); // the loop reads four rows, also where there are fewer
                four = scratch.widened(math, halves, offset, count * in);
            } else {
                for (int r = 0; r < count; r++) {
                    float[] row = scratch.widened(math, halves, offset + (long) r * in, in);
                    System.arraycopy(row, 0, four, r * step, in);
                    Arrays.fill(four, r * step + in, (r + 1) * step, 0f);
                }
            }
            loops.run(input, rows, four, step, first, sums);
        };
    }

    /** The numbers at even places, and behind them those at odd places. */
    private static float[] evenThenOdd(float[] x, int n) {
        float[] apart = ThreadScratch.local().array(WIDE, n);
        for (int i = 0; i < n / 2; i++) {
            apart[i] = x[2 * i];
            apart[n / 2 + i] = x[2 * i + 1];
        }
        return apart;
    }

    /** Rows from the offset on, with zeros behind each up to the step. */
    private static void copy(FloatMemory from, long offset, int rows, int width, float[] to, int step) {
        if (width == step) {
            from.get(offset, to, rows * width);
            return;
        }
        for (int r = 0; r < rows; r++) {
            from.get(offset + (long) r * width, to, r * step, width);
            Arrays.fill(to, r * step + width, (r + 1) * step, 0f);
        }
    }

    private static void write(float[] outputs, int n, FloatMemory y, int first, int count, int out, float beta) {
        float[] before = ThreadScratch.local().array(BEFORE, DotLoops.OUTPUTS);
        for (int r = 0; r < n; r++) {
            int at = r * DotLoops.OUTPUTS;
            long place = (long) r * out + first;
            if (beta != 0) {
                y.get(place, before, count);
                for (int i = 0; i < count; i++) {
                    outputs[at + i] += beta * before[i];
                }
            }
            y.put(place, outputs, at, count);
        }
    }
}
