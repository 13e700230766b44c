package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.Views;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.nd4j.Nd4jTemporaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Cuts the rows of an operation into pieces and deals these to the workers of a pool. The cuts follow from the sizes and the number
 * of workers alone, so results repeat.
 *
 * <p>A call of an ND4J operation costs 5 to 8 microseconds and 3 kB of Java heap, however small its arrays. RowSplit are therefore as
 * large as the cache allows, and an operation that passes over its arrays once or twice has one per worker.
 *
 * @param pool the workers
 * @param bytes of one array of a piece
 * @param serial number of elements below which the calling thread does the work alone
 */
public record RowSplit(WorkerPool pool, long bytes, long serial) {

    /** RowSplit whose passes run in the caches, with calls a small part of the time, of work that is worth waking the others. */
    RowSplit(WorkerPool pool) {
        this(pool, 1L << 21, 1L << 13);
    }

    /** Work on the rows [from, to), which are piece number {@code piece}. */
    interface Piece {
        void run(int piece, long from, long to);
    }

    /** One piece per worker of n rows of the given width; a single one where there is too little to do. */
    int shares(long n, long width) {
        return n * width < serial ? 1 : atMost(n, pool.workers());
    }

    /** RowSplit of about {@link #bytes}, as many for every worker; a single one where there is too little to do. */
    int inCache(DataType type, long n, long width) {
        return n * width < serial ? 1 : inPortions(n, Math.max(1, bytes / (width * type.width())));
    }

    /** RowSplit of at most the given number of rows, as many for every worker. */
    int inPortions(long n, long rows) {
        long workers = pool.workers();
        long perWorker = Math.max(1, (n + rows * workers - 1) / (rows * workers));
        return atMost(n, perWorker * workers);
    }

    /**
     * Arrays of the calling thread that live until its piece is done. They are not in the memory of the operations that a piece
     * runs, so that each of these can reuse that of the one before.
     */
    static Nd4jTemporaries temporaries(DataType type) {
        return new Nd4jTemporaries(type, "PSFT4J_PIECES");
    }

    private static int atMost(long n, long pieces) {
        return Math.toIntExact(Math.max(1, Math.min(n, pieces)));
    }

    /** Runs the work for n rows, none for none; arrays that a piece leaves behind on its thread live as long as it. */
    void deal(int pieces, DataType type, long n, Piece work) {
        if (n == 0) {
            return;
        }
        if (pieces == 1) {
            work.run(0, 0, n);
            return;
        }
        pool.share(pieces, (first, end, worker) -> {
            for (int i = first; i < end; i++) {
                try (Nd4jTemporaries tmp = temporaries(type)) {
                    work.run(i, n * i / pieces, n * (i + 1) / pieces);
                }
            }
        });
    }

    /** Deals the rows of x {@code [n, width]} in pieces that stay in the caches. */
    void manyPasses(INDArray x, long width, Piece work) {
        long n = x.length() / width;
        deal(inCache(x.dataType(), n, width), x.dataType(), n, work);
    }

    /** Deals the rows of x {@code [n, width]} in as many pieces as workers. */
    void onePass(INDArray x, long width, Piece work) {
        long n = x.length() / width;
        deal(shares(n, width), x.dataType(), n, work);
    }

    /** A dense array of which pieces take rows; a piece that is the whole gets the array as it is, without a view of it. */
    static final class Rows {
        private final INDArray whole;
        private final long width;

        Rows(INDArray x, long width) {
            this.whole = x;
            this.width = width;
        }

        /** Single elements. */
        Rows(INDArray x) {
            this(x, 1);
        }

        /** Number of rows. */
        long count() {
            return whole.length() / width;
        }

        /** Rows [from, to) as {@code [(to - from) * width]}, or the whole array in its own shape. */
        INDArray flat(long from, long to) {
            boolean all = from == 0 && to == count();
            return all ? whole : Views.span(whole, from * width, to * width);
        }

        /** Rows [from, to) as {@code [to - from, width]}, or the whole array in its own shape. */
        INDArray of(long from, long to) {
            boolean all = from == 0 && to == count();
            return all ? whole : Views.span(whole, from * width, to - from, width);
        }
    }
}
