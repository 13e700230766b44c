package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;

/** Work on a flat vector, block by block. */
final class Blocks {

    /** Floats per block: with its partners, five of them, it stays in the first-level cache. */
    static final int SIZE = 1024;

    private Blocks() {}

    /** A block of a flat vector: elements [at, at + n). */
    interface Block {
        void run(ThreadScratch scratch, long at, int n);
    }

    /** Shares the blocks of a vector among the workers. */
    static void run(WorkerPool pool, long length, Block work) {
        pool.share(Math.toIntExact((length + SIZE - 1) / SIZE), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            for (long i = from; i < to; i++) {
                work.run(scratch, i * SIZE, (int) Math.min(SIZE, length - i * SIZE));
            }
        });
    }
}
