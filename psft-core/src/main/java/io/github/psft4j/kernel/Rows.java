package io.github.psft4j.kernel;

/** The process's {@link RowMath} as functions, with the steps of a softmax one by one. */
final class Rows {

    private static final RowMath MATH = RowMathFactory.shared();

    private Rows() {}

    /** {@code sum(a[0..n))}. */
    static float sum(float[] a, int n) {
        return MATH.sum(a, n);
    }

    /** {@code sum(a[i] b[i])}; fold is not used. */
    static float dot(float[] a, float[] b, int n, float[] fold) {
        return MATH.dot(a, b, n);
    }

    /** {@code max(a[0..n))}, NaN if one is. */
    static float max(float[] a, int n) {
        return MATH.max(a, n);
    }

    /** {@code a[i] = max(a[i] - s, -87)}: differences from a maximum, in the range of {@link #exp}. */
    static void subtractClamped(float[] a, int n, float s) {
        for (int i = 0; i < n; i++) {
            a[i] = Math.max(a[i] - s, -RowMath.EXP_LIMIT);
        }
    }

    /** {@code a[i] = max(a[i] - s, floor)}. */
    static void subtractFloored(float[] a, int n, float s, float floor) {
        for (int i = 0; i < n; i++) {
            a[i] = Math.max(a[i] - s, floor);
        }
    }

    /** {@code out[i] = a[i] - b[i]}. */
    static void minus(float[] a, float[] b, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = a[i] - b[i];
        }
    }

    /** {@code out[i] = exp(x[i])}. */
    static void exp(float[] x, float[] out, int n) {
        MATH.exp(x, out, n);
    }

    /** {@code a[i] *= s}. */
    static void scale(float[] a, int n, float s) {
        MATH.scale(a, n, s);
    }

    /** {@code y[i] += x[i]}. */
    static void add(float[] x, float[] y, int n) {
        MATH.add(x, y, n);
    }

    /** Rotates one head; see {@link RowMath#rotate}. */
    static void rotate(float[] x, int at, int half, float[] cos, float[] sin, int tableAt, float sign) {
        MATH.rotate(x, at, half, cos, sin, tableAt, sign);
    }
}
