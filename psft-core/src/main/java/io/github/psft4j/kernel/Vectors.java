package io.github.psft4j.kernel;

import io.github.psft4j.kernel.random.RowDropout;
import io.github.psft4j.kernel.random.StochasticRounding;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Lookups, biases, copies and sums of rows, and operations on whole flat vectors such as all parameters at once. */
public interface Vectors {

    /**
     * {@code out[i] = table[ids[i]]}, with table {@code [V, D]}, out {@code [n, D]}. The table of a form that
     * {@linkplain Products#takesBf16Weights takes such weights} may be of type BFLOAT16.
     */
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

    /**
     * {@code out[i] = x[i] m_i}, x and out {@code [n, D]}, with m_i the factors of {@link RowDropout} for the seed of
     * row i: 0 or {@code 1 / (1 - rate)}. In place where out is x.
     *
     * @param seeds of the rows, {@code [n]}
     * @param rate share of the numbers that is left out, in [0, 1)
     */
    default void dropout(INDArray x, long[] seeds, double rate, INDArray out) {
        RowDropout dropout = new RowDropout(rate);
        int d = Math.toIntExact(x.length() / seeds.length);
        float[] factors = new float[seeds.length * d];
        float[] row = new float[d];
        for (int i = 0; i < seeds.length; i++) {
            Arrays.fill(row, 1);
            dropout.apply(row, d, seeds[i]);
            System.arraycopy(row, 0, factors, i * d, d);
        }
        INDArray m = Nd4j.createFromArray(factors).castTo(x.dataType());
        Views.flat(out).assign(Views.flat(x).mul(m));
    }

    /** {@code y = x}, for arrays of equal length. */
    void copy(INDArray x, INDArray y);

    /** {@code y += x}, for arrays of equal length. */
    void add(INDArray x, INDArray y);

    /** {@code x *= factor} in place, such as logits by one over the temperature. */
    default void scale(INDArray x, double factor) {
        x.muli(factor);
    }

    /**
     * {@code y[i, column + j] = factor x[i, j]}: a matrix x {@code [n, r]} into some columns of y {@code [n, R]}, such
     * as the adapter of a module into those of a weight.
     */
    default void putColumns(INDArray x, double factor, INDArray y, long column) {
        Views.narrow(y, 1, column, column + x.size(1)).assign(x.mul(factor));
    }

    /** {@code x[i, j] = factor y[i, column + j]}: the way back of {@link #putColumns}. */
    default void takeColumns(INDArray y, long column, double factor, INDArray x) {
        x.assign(Views.narrow(y, 1, column, column + x.size(1))).muli(factor);
    }

    /** Sum of squares of all elements, accumulated in double. */
    double sumOfSquares(INDArray x);

    /**
     * One AdamW step in place on weights, first and second moment, all of the gradient's length (see
     * {@link AdamWStep}).
     */
    void adamW(INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step);

    /**
     * The same with moments in BFLOAT16: the step is computed in the type of the weights, then both moments are
     * rounded.
     *
     * @param rounding the lower random bits of a place are those of the first moment, the upper those of the second
     */
    default void adamW(
            INDArray weights,
            INDArray gradient,
            INDArray firstMoment,
            INDArray secondMoment,
            AdamWStep step,
            StochasticRounding rounding) {
        int most = 1 << 20;
        for (long from = 0; from < weights.length(); from += most) {
            int n = (int) Math.min(most, weights.length() - from);
            INDArray m = Views.span(firstMoment, from, from + n);
            INDArray v = Views.span(secondMoment, from, from + n);
            INDArray first = m.castTo(weights.dataType());
            INDArray second = v.castTo(weights.dataType());
            adamW(Views.span(weights, from, from + n), Views.span(gradient, from, from + n), first, second, step);
            round(first, m, rounding.at(rounding.from() + from), 0);
            round(second, v, rounding.at(rounding.from() + from), 16);
        }
    }

    private void round(INDArray from, INDArray to, StochasticRounding rounding, int shift) {
        float[] values = new float[(int) from.length()];
        read(from, 0, values, values.length);
        for (int i = 0; i < values.length; i++) {
            values[i] = StochasticRounding.value(StochasticRounding.round(values[i], rounding.bits(i) >>> shift));
        }
        to.assign(Nd4j.createFromArray(values)); // which are bfloat16 already
    }

    /** Copies n elements of a dense array from element {@code from} on, rounded to float. */
    void read(INDArray x, long from, float[] out, int n);

    /**
     * {@code x[i] = exp(x[i])} for i below n and x in +-87, with a relative error below 1e-5 for x in +-30; on the
     * calling thread.
     */
    default void exp(float[] x, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = (float) Math.exp(x[i]);
        }
    }

    /** What is done with a row of an array. */
    interface RowTask {
        /** Takes row i, a copy that may be changed; its elements behind the width of the array are any. */
        void run(int i, float[] row);
    }

    /** Runs the task for every row of a dense array {@code [n, D]}; several threads may each take some. */
    default void eachRow(INDArray x, RowTask task) {
        int d = (int) x.size(1);
        float[] row = new float[d];
        for (int i = 0; i < x.size(0); i++) {
            read(x, (long) i * d, row, d);
            task.run(i, row);
        }
    }
}
