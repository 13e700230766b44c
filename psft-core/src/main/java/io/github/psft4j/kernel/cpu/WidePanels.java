package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.Bf16Array;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;

/**
 * Weights {@code [out, in]} in bfloat16 as floats, a panel at a time in memory that is used again. A panel has whole
 * rows or whole columns, so that every element of a product is summed as with a weight in float. The bits are the same,
 * but for OpenBLAS and weights of more than one panel.
 */
record WidePanels(WorkerPool pool, RowMath math) {

    /** Most floats of a panel, 32 MB: whole, but for the widest feed-forwards and for vocabularies. */
    private static final int MOST = 1 << 23;

    /** Floats of a panel that a worker makes and uses within its second-level cache. */
    private static final int CACHED = 1 << 16;

    /** A panel begins at a multiple of this, where the kernels of all products do. */
    private static final int STEP = 64;

    /** Memory of {@link ThreadScratch}: of the caller for all workers, and of each worker. */
    private static final int SHARED = 2;

    private static final int OWN = 3;

    /** Takes rows or columns [from, to) of the weight, as a dense matrix. */
    interface Use {
        void run(FloatMemory panel, int from, int to);
    }

    /** Panels of rows, one after the other, converted by all workers. */
    void rows(Bf16Array weight, int out, int in, Use use) {
        int step = step(MOST, in, out);
        FloatMemory panel = ThreadScratch.local().memory(SHARED, (long) step * in);
        for (int from = 0; from < out; from += step) {
            int first = from;
            int to = Math.min(out, from + step);
            pool.share(to - from, (r0, r1, id) -> widen(weight, (long) first * in, panel, r0, r1, in));
            use.run(panel, from, to);
        }
    }

    /** Panels of columns, one after the other, converted by all workers. */
    void columns(Bf16Array weight, int out, int in, Use use) {
        int step = step(MOST, out, in);
        FloatMemory panel = ThreadScratch.local().memory(SHARED, (long) step * out);
        for (int from = 0; from < in; from += step) {
            int first = from;
            int width = Math.min(in, from + step) - from;
            pool.share(out, (r0, r1, id) -> {
                ThreadScratch scratch = ThreadScratch.local();
                for (int r = r0; r < r1; r++) {
                    float[] row = scratch.widened(math, weight, (long) r * in + first, width);
                    panel.put((long) r * width, row, width);
                }
            });
            use.run(panel, from, from + width);
        }
    }

    /** Panels of the rows [first, last), small enough for the cache, converted by the calling worker alone. */
    void inCache(Bf16Array weight, int in, int first, int last, Use use) {
        int step = step(CACHED, in, last - first);
        FloatMemory panel = ThreadScratch.local().memory(OWN, (long) step * in);
        for (int from = first; from < last; from += step) {
            int to = Math.min(last, from + step);
            widen(weight, (long) from * in, panel, 0, to - from, in);
            use.run(panel, from, to);
        }
    }

    /** Rows [r0, r1) behind an offset of the weight to the same rows of a panel. */
    private void widen(Bf16Array weight, long offset, FloatMemory panel, int r0, int r1, int in) {
        ThreadScratch scratch = ThreadScratch.local();
        for (int r = r0; r < r1; r++) {
            panel.put((long) r * in, scratch.widened(math, weight, offset + (long) r * in, in), in);
        }
    }

    private static int step(int most, int length, int count) {
        return Math.min(count, Math.max(STEP, most / length / STEP * STEP));
    }
}
