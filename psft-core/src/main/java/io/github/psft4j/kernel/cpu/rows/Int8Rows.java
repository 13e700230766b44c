package io.github.psft4j.kernel.cpu.rows;

/** Loops over weights of one byte, for generation. */
public interface Int8Rows {

    /** Rows of the weight that {@link #dots} multiplies at a time. */
    int ROWS = 4;

    /**
     * {@code out[r] = sum over i of weights[at + r n + i] x[i]} for {@value #ROWS} rows.
     *
     * @param at first number of the first row
     * @param n numbers of a row
     */
    void dots(byte[] weights, int at, float[] x, int n, float[] out);

    /** {@code out[i] = scale weights[at + i]}. */
    void widen(byte[] weights, int at, float scale, float[] out, int n);
}
