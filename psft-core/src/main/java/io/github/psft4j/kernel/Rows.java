package io.github.psft4j.kernel;

/**
 * Loops over rows of floats, written so that the JIT compiler turns each into vector code: short bodies, no branches,
 * no float sums over one variable (those it must keep in order), and indices that are the loop variable itself (an
 * offset added to it already stops it).
 */
final class Rows {

    private Rows() {}

    /** {@code sum(a[0..n))} as eight sums side by side, so that additions do not wait for each other. */
    static float sum(float[] a, int n) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        int i = 0;
        for (; i + 7 < n; i += 8) {
            s0 += a[i];
            s1 += a[i + 1];
            s2 += a[i + 2];
            s3 += a[i + 3];
            s4 += a[i + 4];
            s5 += a[i + 5];
            s6 += a[i + 6];
            s7 += a[i + 7];
        }
        for (; i < n; i++) {
            s0 += a[i];
        }
        return ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7));
    }

    /** {@code sum(a[i] b[i])}; fold is scratch of at least n. */
    static float dot(float[] a, float[] b, int n, float[] fold) {
        for (int i = 0; i < n; i++) {
            fold[i] = a[i] * b[i];
        }
        return sum(fold, n);
    }

    /** {@code sum(a[i]²)}; fold is scratch of at least n. */
    static float sumOfSquares(float[] a, int n, float[] fold) {
        for (int i = 0; i < n; i++) {
            fold[i] = a[i] * a[i];
        }
        return sum(fold, n);
    }

    /** {@code max(a[0..n))}, NaN if one is. */
    static float max(float[] a, int n) {
        float m = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            m = Math.max(m, a[i]);
        }
        return m;
    }

    /** {@code a[i] -= s}. */
    static void subtract(float[] a, int n, float s) {
        for (int i = 0; i < n; i++) {
            a[i] -= s;
        }
    }

    /** {@code a[i] = max(a[i] - s, -87)}: differences from a maximum, in the range of {@link #exp}. */
    static void subtractClamped(float[] a, int n, float s) {
        for (int i = 0; i < n; i++) {
            a[i] = Math.max(a[i] - s, -87f);
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

    /**
     * {@code out[i] = exp(x[i])} for x in +-87, relative error below 5e-6: a polynomial at x/64 and six squarings, all of
     * which vectorise where bit tricks on the exponent do not.
     */
    static void exp(float[] x, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            float u = x[i] * (1f / 64);
            float p = 1f / 40320;
            p = p * u + 1f / 5040;
            p = p * u + 1f / 720;
            p = p * u + 1f / 120;
            p = p * u + 1f / 24;
            p = p * u + 1f / 6;
            p = p * u + 0.5f;
            p = p * u + 1f;
            out[i] = p * u + 1f;
        }
        for (int i = 0; i < n; i++) {
            float p = out[i];
            p = p * p;
            p = p * p;
            p = p * p;
            p = p * p;
            p = p * p;
            out[i] = p * p;
        }
    }

    /** {@code a[i] *= s}. */
    static void scale(float[] a, int n, float s) {
        for (int i = 0; i < n; i++) {
            a[i] *= s;
        }
    }

    /** {@code y[i] += x[i]}. */
    static void add(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] += x[i];
        }
    }
}
