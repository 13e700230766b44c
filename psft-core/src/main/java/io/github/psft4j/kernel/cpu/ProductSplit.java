package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.OneDnnGemm;

/** Splits the output of a product among the workers. The split follows from the sizes alone, so results repeat. */
record ProductSplit(WorkerPool pool) {

    /** Below this many multiply-adds a product stays on the calling thread: waking the others costs more. */
    private static final long SERIAL_PRODUCT = 60_000;

    /** A worker gets at least this many rows of a product; with fewer, columns are split instead. */
    private static final int MIN_ROWS = OneDnnGemm.ORDERED_ROWS;

    /** A rectangle of the output of a product. */
    interface Block {
        void run(int row0, int row1, int col0, int col1);
    }

    /** Whether an output of m x n, inner size k, is computed by the calling thread alone. */
    boolean serial(int m, int n, int k) {
        return pool.workers() == 1 || (long) m * n * k < SERIAL_PRODUCT;
    }

    /** Whether an output of m rows that is not serial is split by rows; by columns otherwise. */
    boolean byRows(int m) {
        return m >= MIN_ROWS * pool.workers();
    }

    /** Runs the block for every part of an output of m x n, inner size k; nothing for an empty output. */
    void run(int m, int n, int k, Block block) {
        if (m == 0 || n == 0) {
            return;
        }
        if (serial(m, n, k)) {
            block.run(0, m, 0, n);
        } else if (byRows(m)) {
            pool.share(m, (from, to, id) -> block.run(from, to, 0, n));
        } else {
            pool.share(n, (from, to, id) -> block.run(0, m, from, to));
        }
    }
}
