package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.Views;
import io.github.psft4j.kernel.nd4j.Nd4jSums;
import io.github.psft4j.kernel.nd4j.Nd4jTemporaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sums over rows of which every slice forms a part. The parts are added in the order of the rows, so that they repeat.
 */
final class SliceSums {

    private static final String WORKSPACE = "PSFT4J_SUMS_OF_SLICES";

    private SliceSums() {}

    /** Work on the rows of a slice that leaves one or two sums over them. */
    interface Summing {
        void run(Slice slice, INDArray first, INDArray second);
    }

    /** Runs the work on the rows of x {@code [n, width]} in slices that stay in the caches; see {@link #run}. */
    static void perCache(RowSplit split, INDArray x, long width, INDArray first, INDArray second, Summing work) {
        long n = x.length() / width;
        run(split, split.countPerCache(x.dataType(), n, width), x.dataType(), n, first, second, work);
    }

    /**
     * Runs the work for n rows in so many slices.
     *
     * @param first receives the first sum
     * @param second receives the second sum; null if there is none
     */
    static void run(RowSplit split, int count, DataType type, long n, INDArray first, INDArray second, Summing work) {
        if (count == 1) {
            work.run(new Slice(0, 0, n), first, second);
            return;
        }
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(type, WORKSPACE)) {
            INDArray firsts = tmp.empty(count, first.length());
            INDArray seconds = second == null ? null : tmp.empty(count, second.length());
            split.run(
                    count,
                    type,
                    n,
                    s -> work.run(s, part(firsts, first, s), second == null ? null : part(seconds, second, s)));
            Nd4jSums.ofRows(firsts, first, tmp);
            if (second != null) {
                Nd4jSums.ofRows(seconds, second, tmp);
            }
        }
    }

    private static INDArray part(INDArray parts, INDArray sum, Slice s) {
        return Views.span(parts, s.number() * sum.length(), (s.number() + 1) * sum.length());
    }
}
