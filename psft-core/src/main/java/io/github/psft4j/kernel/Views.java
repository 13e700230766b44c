package io.github.psft4j.kernel;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;

/**
 * Views that are right at any offset.
 *
 * <p>{@code get} and {@code slice} of ND4J 1.0.0-M2.1 return an empty array when three things hold. The array is itself
 * a view, its offset is smaller than its length, and an index before the last one moves the start to or past the
 * length. Parameters and gradients are such views. Everything here indexes the last dimension only, where that check
 * does not happen.
 */
public final class Views {

    private Views() {}

    /** A dense array as {@code [length]}; itself if it is that, because every view costs ND4J a native allocation. */
    public static INDArray flat(INDArray x) {
        return x.rank() == 1
                ? x
                : x.reshape(
                        'c', new long[] {x.length()}); // reshape('c', length) is reshape(99, length) to the compiler
    }

    /** A dense array as {@code [length / width, width]}; itself if it is that. */
    public static INDArray rows(INDArray x, long width) {
        if (x.length() % width != 0) {
            throw new IllegalArgumentException("rows of width " + width + " expected, got " + x.shapeInfoToString());
        }
        boolean already = x.rank() == 2 && x.size(1) == width && x.ordering() == 'c';
        return already ? x : x.reshape('c', x.length() / width, width);
    }

    /**
     * A dense array as a column {@code [length, 1]}, which unlike {@code [length]} is a column for arrays of any width.
     */
    public static INDArray column(INDArray x) {
        return rows(x, 1);
    }

    /** Rows from (inclusive) to (exclusive) of a dense matrix. */
    public static INDArray rowRange(INDArray x, long from, long to) {
        long width = x.size(1);
        return span(x, from * width, to - from, width);
    }

    /** Elements of a dense array from the given one on, in rows, {@code [n, width]}, by a single view. */
    public static INDArray span(INDArray x, long from, long n, long width) {
        return Nd4j.create(x.data(), new long[] {n, width}, new long[] {width, 1}, x.offset() + from, 'c');
    }

    /** Elements [from, to) of a dense array, {@code [to - from]}, by a single view. */
    public static INDArray span(INDArray x, long from, long to) {
        return Nd4j.create(x.data(), new long[] {to - from}, new long[] {1}, x.offset() + from, 'c');
    }

    /** Indices from (inclusive) to (exclusive) of one dimension, the others whole. */
    public static INDArray narrow(INDArray x, int dimension, long from, long to) {
        if (from == 0 && to == x.size(dimension)) {
            return x; // every view costs ND4J a native allocation
        }
        int last = x.rank() - 1;
        int[] swap = new int[x.rank()];
        Arrays.setAll(swap, i -> i);
        swap[dimension] = last;
        swap[last] = dimension;
        INDArrayIndex[] index = new INDArrayIndex[x.rank()];
        Arrays.fill(index, all());
        index[last] = interval(from, to);
        return x.permute(swap).get(index).permute(swap);
    }
}
