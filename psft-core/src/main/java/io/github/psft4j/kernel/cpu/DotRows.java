package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.Bf16Array;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Products of a handful of rows with a large weight, one dot product per output: a step of some sequences. The weight
 * is read from memory once and in order, which takes longer than to multiply it. The bits differ from those of more
 * rows.
 */
record DotRows(WorkerPool pool, RowMath math) {

    /** Fewest rows: three and less are as fast by a library's product, which reads the weight in order, too. */
    private static final int LEAST = 4;

    /** Fewest numbers of a weight: a smaller one stays in the second-level cache. */
    private static final long LARGE = FewRows.LARGE;

    // Arrays of ThreadScratch.
    private static final int INPUT = 0;
    private static final int WEIGHT = 1;
    private static final int SUMS = 2;
    private static final int OUTPUT = 3;
    private static final int BEFORE = 4;

    /** Whether a product of n rows with the weight is computed so. */
    boolean suits(int n, INDArray w) {
        return math.dotLanes() > 0 && n >= LEAST && n < FewRows.LEAST && w.length() >= LARGE && !Bf16Array.is(w);
    }

    private static int up(int n, int unit) {
        return (n + unit - 1) / unit * unit;
    }

    /** {@code y = x wᵀ + beta y}, with x {@code [n, in]}, w {@code [out, in]}, y {@code [n, out]}. */
    void run(FloatMemory x, int n, FloatMemory w, int out, int in, FloatMemory y, float beta) {
        int lanes = math.dotLanes();
        int step = up(in, lanes);
        int rows = up(n, RowMath.DOT_ROWS);
        pool.share(up(out, RowMath.DOTS) / RowMath.DOTS, (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] inputs = scratch.array(INPUT, rows * step);
            copy(x, 0, n, in, inputs, step);
            Arrays.fill(inputs, n * step, rows * step, 0f);
            float[] weights = scratch.array(WEIGHT, RowMath.DOT_ROWS * step);
            float[] sums = scratch.array(SUMS, rows * RowMath.DOTS * lanes);
            float[] outputs = scratch.array(OUTPUT, rows * RowMath.DOTS);
            for (int panel = from; panel < to; panel++) {
                int first = panel * RowMath.DOTS;
                int count = Math.min(RowMath.DOTS, out - first);
                for (int j = 0; j < count; j += RowMath.DOT_ROWS) {
                    copy(w, first + j, Math.min(RowMath.DOT_ROWS, count - j), in, weights, step);
                    math.dots(inputs, rows, weights, step, j, sums);
                }
                math.addLanes(sums, rows * RowMath.DOTS, outputs);
                write(outputs, n, y, first, count, out, beta);
            }
        });
    }

    /** Rows from the first on, with zeros behind each up to the step. */
    private static void copy(FloatMemory from, int first, int rows, int width, float[] to, int step) {
        if (width == step) {
            from.get((long) first * width, to, rows * width);
            return;
        }
        for (int r = 0; r < rows; r++) {
            from.get((long) (first + r) * width, to, r * step, width);
            Arrays.fill(to, r * step + width, (r + 1) * step, 0f);
        }
    }

    private static void write(float[] outputs, int n, FloatMemory y, int first, int count, int out, float beta) {
        float[] before = ThreadScratch.local().array(BEFORE, RowMath.DOTS);
        for (int r = 0; r < n; r++) {
            int at = r * RowMath.DOTS;
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
