package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.gemm.OneDnnGemm;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Products of few rows with a large weight, as {@code yᵀ = w xᵀ}: the steps of a generation.
 *
 * <p>A library's product packs its right side before it computes. In {@code y = x wᵀ} that is the weight, and packing
 * it takes longer than to multiply it with some rows. Turned around, the right side is x, and the weight is read in
 * place. With 16 to 32 rows that is two to three times as fast.
 *
 * @param batchInvariant whether a row has the bits that it has among many: any number of rows is turned around then,
 *     and what the product is added to is turned, too, so that all is summed in one order
 */
record FewRows(WorkerPool pool, boolean batchInvariant) {

    /** Fewest rows in float: below, {@link DotRows} or packing cost less than turning the output around. */
    static final int LEAST = 12;

    /** Most rows: beyond, packing the weight pays. */
    private static final int MOST = 64;

    /** Fewest numbers of a weight: a smaller one stays in the second-level cache, packed or not. */
    static final long LARGE = 1L << 18;

    /** Fewest rows of a panel that is not the only one. */
    private static final int REST = OneDnnGemm.ORDERED_ROWS;

    /** Rows of the weight at a time, so that their outputs stay in the first-level cache. */
    private static final int PANEL = 256;

    /** Memory of {@link ThreadScratch} for the outputs of a panel. */
    private static final int SLOT = 0;

    /** A product with rows [from, to) of the weight: {@code out = p + beta out}, {@code out [to - from, columns]}. */
    interface Panel {
        void run(int from, int to, float beta, FloatMemory out);
    }

    /** Whether a product of n rows with the weight is computed so. */
    boolean suits(int n, INDArray w) {
        return suits(n, batchInvariant ? 1 : LEAST, w);
    }

    /** The same from another number of rows on. */
    static boolean suits(int n, int least, INDArray w) {
        return n >= least && n <= MOST && w.length() >= LARGE;
    }

    /**
     * Computes {@code y = pᵀ + beta y}, y {@code [n, out]}, from the products p of all panels.
     *
     * @param columns of a panel's output, n or more: those behind n are left out
     */
    void run(int n, int columns, int out, float beta, FloatMemory y, Panel product) {
        pool.share(out, (first, last, id) -> {
            FloatMemory memory = ThreadScratch.local().memory(SLOT, (long) PANEL * columns);
            int to;
            for (int from = first; from < last; from = to) {
                int left = last - from;
                to = left > PANEL && left < PANEL + REST ? last - REST : Math.min(last, from + PANEL);
                if (batchInvariant && beta != 0) {
                    turnBack(y, n, from, out, memory, to - from, columns);
                    product.run(from, to, beta, memory);
                    turn(memory, to - from, columns, 0, y, n, from, out);
                } else {
                    product.run(from, to, 0, memory);
                    turn(memory, to - from, columns, beta, y, n, from, out);
                }
            }
        });
    }

    /** Fills a panel's output with the transpose of columns of y. */
    private static void turnBack(FloatMemory y, int n, int at, int out, FloatMemory panel, int rows, int columns) {
        ThreadScratch scratch = ThreadScratch.local();
        float[] all = scratch.array(0, rows * columns);
        float[] row = scratch.array(1, rows);
        Arrays.fill(all, 0, rows * columns, 0f);
        for (int i = 0; i < n; i++) {
            y.get((long) i * out + at, row, rows);
            for (int j = 0; j < rows; j++) {
                all[j * columns + i] = row[j];
            }
        }
        panel.put(0, all, rows * columns);
    }

    /** Adds the transpose of a panel's output to columns of y, four rows at a time. */
    private static void turn(
            FloatMemory panel, int rows, int columns, float beta, FloatMemory y, int n, int at, int out) {
        ThreadScratch scratch = ThreadScratch.local();
        float[] all = scratch.array(0, rows * columns);
        float[][] turned = new float[4][];
        for (int k = 0; k < turned.length; k++) {
            turned[k] = scratch.array(1 + k, rows);
        }
        float[] sum = scratch.array(5, rows);
        panel.get(0, all, rows * columns);
        for (int i = 0; i < n; i += turned.length) {
            int first = Math.min(i, columns - turned.length); // the last four overlap those before
            columns(all, first, columns, rows, turned[0], turned[1], turned[2], turned[3]);
            for (int row = i; row < Math.min(n, i + turned.length); row++) {
                float[] value = turned[row - first];
                long place = (long) row * out + at;
                if (beta != 0) {
                    y.get(place, sum, rows);
                    add(sum, beta, value, rows);
                }
                y.put(place, value, rows);
            }
        }
    }

    /** The columns [first, first + 4) of an array {@code [rows, width]}. */
    private static void columns(
            float[] all, int first, int width, int rows, float[] c0, float[] c1, float[] c2, float[] c3) {
        int at = first;
        for (int j = 0; j < rows; j++) {
            c0[j] = all[at];
            c1[j] = all[at + 1];
            c2[j] = all[at + 2];
            c3[j] = all[at + 3];
            at += width;
        }
    }

    private static void add(float[] x, float beta, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] += beta * x[i];
        }
    }
}
