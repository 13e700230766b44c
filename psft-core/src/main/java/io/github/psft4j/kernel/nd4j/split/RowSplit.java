package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.nd4j.Nd4jTemporaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Splits the rows of an operation into slices, which the workers of a pool compute. The split follows from the sizes
 * and the number of workers alone, so results repeat.
 *
 * <p>A call of an ND4J operation costs 5 to 8 microseconds and 3 kB of Java heap, however small its arrays. An
 * operation that passes over its arrays once or twice therefore has one slice per worker. One with many passes has
 * slices as large as the cache allows.
 *
 * @param pool the workers
 * @param bytes size of one array of a slice that fits the cache
 * @param serial number of elements below which the calling thread does the work alone
 */
public record RowSplit(WorkerPool pool, long bytes, long serial) {

    /** Slices of 2 MiB per array; fewer than 8,192 elements are not worth a second worker. */
    RowSplit(WorkerPool pool) {
        this(pool, 1L << 21, 1L << 13);
    }

    /** Work on the rows of a slice. */
    interface Work {
        void run(Slice slice);
    }

    /** Number of slices of n rows of the given width with one per worker; 1 where there is too little to do. */
    int countPerWorker(long n, long width) {
        return n * width < serial ? 1 : atMost(n, pool.workers());
    }

    /** Number of slices of about {@link #bytes}, as many for every worker; 1 where there is too little to do. */
    int countPerCache(DataType type, long n, long width) {
        return n * width < serial ? 1 : countOf(n, Math.max(1, bytes / (width * type.width())));
    }

    /** Number of slices of at most the given number of rows, as many for every worker. */
    int countOf(long n, long rows) {
        long workers = pool.workers();
        long perWorker = Math.max(1, (n + rows * workers - 1) / (rows * workers));
        return atMost(n, perWorker * workers);
    }

    /**
     * Arrays of the calling thread that live until its slice is done. They are not in the memory of the operations that
     * a slice runs, so that each of these can reuse that of the one before.
     */
    static Nd4jTemporaries temporaries(DataType type) {
        return new Nd4jTemporaries(type, "PSFT4J_SLICES");
    }

    private static int atMost(long n, long slices) {
        return Math.toIntExact(Math.max(1, Math.min(n, slices)));
    }

    /**
     * Runs the work for n rows, or not at all for none. Arrays that a slice leaves behind on its thread live as long as
     * it.
     */
    void run(int slices, DataType type, long n, Work work) {
        if (n == 0) {
            return;
        }
        if (slices == 1) {
            work.run(new Slice(0, 0, n));
            return;
        }
        pool.share(slices, (first, end, worker) -> {
            for (int i = first; i < end; i++) {
                try (Nd4jTemporaries tmp = temporaries(type)) {
                    work.run(new Slice(i, n * i / slices, n * (i + 1) / slices));
                }
            }
        });
    }

    /**
     * Runs the work on the rows of x {@code [n, width]} in slices that stay in the caches, for many passes over them.
     */
    void perCache(INDArray x, long width, Work work) {
        long n = x.length() / width;
        run(countPerCache(x.dataType(), n, width), x.dataType(), n, work);
    }

    /** Runs the work on the rows of x {@code [n, width]} in one slice per worker, for one or two passes over them. */
    void perWorker(INDArray x, long width, Work work) {
        long n = x.length() / width;
        run(countPerWorker(n, width), x.dataType(), n, work);
    }
}
