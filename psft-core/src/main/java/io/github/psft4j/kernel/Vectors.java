package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Lookups, biases, copies and sums of rows, and operations on whole flat vectors such as all parameters at once. */
public interface Vectors {

    /** {@code out[i] = table[ids[i]]}, with table {@code [V, D]}, out {@code [n, D]}. */
    void gatherRows(INDArray table, int[] ids, INDArray out);

    /** {@code dTable[ids[i]] += dy[i]} in row order, with dy {@code [n, D]}, dTable {@code [V, D]}. */
    void scatterAddRows(INDArray dy, int[] ids, INDArray dTable);

    /** {@code y[i] += row}: adds a bias {@code [D]} to y {@code [n, D]} in place. */
    void addRow(INDArray row, INDArray y);

    /**
     * {@code sums = sum over i of dy[i]}: gradient of {@link #addRow} with respect to its row, dy {@code [n, D]}, sums
     * {@code [D]}.
     */
    void sumRows(INDArray dy, INDArray sums);

    /** {@code y = x}, for arrays of equal length. */
    void copy(INDArray x, INDArray y);

    /** {@code y += x}, for arrays of equal length. */
    void add(INDArray x, INDArray y);

    /** {@code x *= factor} in place, such as logits by one over the temperature. */
    default void scale(INDArray x, double factor) {
        x.muli(factor);
    }

    /** Sum of squares of all elements, accumulated in double. */
    double sumOfSquares(INDArray x);

    /**
     * One AdamW step in place on weights, first and second moment, all of the gradient's length (see
     * {@link AdamWStep}).
     */
    void adamW(INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step);

    /** Copies n elements of a dense array from element {@code from} on, rounded to float. */
    void read(INDArray x, long from, float[] out, int n);
}
