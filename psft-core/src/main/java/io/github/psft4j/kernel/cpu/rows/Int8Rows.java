package io.github.psft4j.kernel.cpu.rows;

/**
 * Loops over weights of one byte, for generation. A weight lies in blocks of {@value #LANES} rows, and in a block the
 * numbers of one column side by side: {@code weights[at + LANES i + lane]}. So it is read in the order of memory, a
 * vector holds one number of each row, and no sum goes across a vector.
 *
 * <p>All sums have one order, whatever the number of activations: those of even and of odd columns, then both together.
 */
public interface Int8Rows {

    /** Rows of a block. */
    int LANES = 16;

    /** Rows of x that {@link #dots} multiplies with a block at a time. */
    int TOGETHER = 4;

    /**
     * One row of x with two blocks: {@code out[lane] = sum over i of weights[at + LANES i + lane] x[i]}, and behind
     * them those of the block at {@code second}.
     *
     * @param n numbers of x
     * @param out {@code [2 LANES]}
     */
    void dot(byte[] weights, int at, int second, float[] x, int n, float[] out);

    /**
     * {@value #TOGETHER} rows of x with one block: {@code out[LANES r + lane] = sum over i of weights[at + LANES i +
     * lane] x[xAt + n r + i]}.
     *
     * @param n numbers of a row of x
     * @param out {@code [TOGETHER LANES]}
     */
    void dots(byte[] weights, int at, float[] x, int xAt, int n, float[] out);

    /**
     * The block as floats: {@code out[outAt + stride i + lane] = scales[scaleAt + lane] weights[at + LANES i + lane]}.
     */
    void widen(byte[] weights, int at, float[] scales, int scaleAt, float[] out, int outAt, int stride, int n);
}
