package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.Views;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Rows [from, to) of an operation.
 *
 * @param number of the slice among all
 */
record Slice(int number, long from, long to) {

    int first() {
        return (int) from;
    }

    int end() {
        return (int) to;
    }

    /** These rows of a dense array {@code [n, width]}; a slice that is the whole gets the array, without a view. */
    INDArray of(INDArray x, long width) {
        boolean all = from == 0 && to * width == x.length();
        return all ? x : Views.span(x, from * width, to - from, width);
    }

    /** These elements of a dense array; a slice that is the whole gets the array, without a view. */
    INDArray of(INDArray x) {
        boolean all = from == 0 && to == x.length();
        return all ? x : Views.span(x, from, to);
    }

    /** The rows of which every one here has so many. */
    Slice times(long each) {
        return new Slice(number, from * each, to * each);
    }
}
