package io.github.psft4j.kernel.cpu.rows;

/**
 * Dot products of a few rows x with rows of a weight, whose sums stay in registers. {@value #ROWS} rows of the weight
 * are taken at a time, and the lanes of the sums of {@value #OUTPUTS} are added together at the end.
 */
public interface DotLoops {

    /** Rows of the weight at a time. */
    int ROWS = 4;

    /** Rows of the weight whose sums {@link #addLanes} finishes together. */
    int OUTPUTS = 16;

    /** Numbers of a row are filled up to a multiple of it. */
    int UNIT = 16;

    /** Lanes of a sum. */
    int lanes();

    /** Rows of x at a time, but for one alone: others are filled up to a multiple of it. */
    int rowStep();

    /**
     * Whether these loops are faster than a library's product.
     *
     * @param rows of x
     * @param narrow whether the weight is in bfloat16
     */
    boolean suits(int rows, boolean narrow);

    /**
     * {@code sums[(r OUTPUTS + first + j) lanes + l] = sum of x[r step + i] w[j step + i]} over the i of lane l, for j
     * below {@value #ROWS}.
     *
     * @param rows of x, a multiple of {@link #rowStep}
     * @param step numbers of a row, a multiple of {@value #UNIT}
     */
    void run(float[] x, int rows, float[] w, int step, int first, float[] sums);

    /**
     * The same for one row and a weight in bfloat16, which becomes float in the registers.
     *
     * @param x the numbers at even places, and behind {@code step / 2} of them those at odd places
     * @param step numbers of a row, a multiple of {@value #UNIT}
     */
    void oneRow(float[] x, short[] w, int step, int first, float[] sums);

    /** {@code out[i]} = sum of the lanes of the i-th of so many sums, a multiple of {@value #OUTPUTS}. */
    void addLanes(float[] sums, int count, float[] out);
}
