package io.github.psft4j.kernel.cpu.rows;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of up to {@value #ROWS} rows with one matrix, two vectors of columns at a time: {@code out[h][j] =
 * start[h][j] + sum over i < n of left[h][i] right[i][j]}. A vector of the matrix is loaded once for all rows. Sums are
 * in the order of i, whatever the number of rows. There is a method for each number, because vectors in an array would
 * become objects. Several such products of equal size, one per key/value head, take one call.
 *
 * @param right the matrix
 * @param start laid out as {@code out}, which it may be, or {@link #ZERO}
 */
record VectorOperand(Part left, Part right, Part start, Part out) {

    /**
     * One of the arrays.
     *
     * @param step from a row to the next
     * @param second from a vector to the one that is taken with it; 0 for {@code left}, and where none is taken with it
     * @param next from a product to the next
     */
    record Part(float[] array, int step, int second, int next) {}

    /** Rows that share a vector. */
    static final int ROWS = 4;

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

    /** A start of zeros. */
    static final Part ZERO = new Part(new float[S.length()], 0, 0, 0);

    private static FloatVector load(float[] a, int i) {
        return FloatVector.fromArray(S, a, i);
    }

    /** Computes so many products of so many rows. */
    void run(int products, int rows, int leftAt, int rightAt, int n, int outAt) {
        int startAt = start == ZERO ? 0 : outAt;
        for (int h = 0; h < rows; h += ROWS) {
            int together = Math.min(ROWS, rows - h);
            int a = leftAt + h * left.step;
            int s = startAt + h * start.step;
            int c = outAt + h * out.step;
            if (FirstLoops.take((long) FirstLoops.PRODUCT * products * together * n * S.length())) {
                FirstLoops.products(this, together, products, a, rightAt, n, s, c);
            } else {
                VectorCalls.products(this, together, products, a, rightAt, n, s, c);
            }
        }
    }

    void rows1(int products, int leftAt, int rightAt, int n, int startAt, int outAt) {
        float[] a = left.array;
        float[] b = right.array;
        float[] s = start.array;
        float[] c = out.array;
        int step = right.step;
        int second = right.second;
        for (int p = 0; p < products; p++) {
            int a0 = leftAt + p * left.next;
            int s0 = startAt + p * start.next;
            FloatVector x0 = load(s, s0);
            FloatVector y0 = load(s, s0 + start.second);
            int j = rightAt + p * right.next;
            for (int i = 0; i < n; i++) {
                FloatVector u = load(b, j);
                FloatVector v = load(b, j + second);
                FloatVector w0 = FloatVector.broadcast(S, a[a0 + i]);
                x0 = u.fma(w0, x0);
                y0 = v.fma(w0, y0);
                j += step;
            }
            int c0 = outAt + p * out.next;
            x0.intoArray(c, c0);
            y0.intoArray(c, c0 + out.second);
        }
    }

    void rows2(int products, int leftAt, int rightAt, int n, int startAt, int outAt) {
        float[] a = left.array;
        float[] b = right.array;
        float[] s = start.array;
        float[] c = out.array;
        int step = right.step;
        int second = right.second;
        for (int p = 0; p < products; p++) {
            int a0 = leftAt + p * left.next;
            int a1 = a0 + left.step;
            int s0 = startAt + p * start.next;
            int s1 = s0 + start.step;
            FloatVector x0 = load(s, s0);
            FloatVector y0 = load(s, s0 + start.second);
            FloatVector x1 = load(s, s1);
            FloatVector y1 = load(s, s1 + start.second);
            int j = rightAt + p * right.next;
            for (int i = 0; i < n; i++) {
                FloatVector u = load(b, j);
                FloatVector v = load(b, j + second);
                FloatVector w0 = FloatVector.broadcast(S, a[a0 + i]);
                x0 = u.fma(w0, x0);
                y0 = v.fma(w0, y0);
                FloatVector w1 = FloatVector.broadcast(S, a[a1 + i]);
                x1 = u.fma(w1, x1);
                y1 = v.fma(w1, y1);
                j += step;
            }
            int c0 = outAt + p * out.next;
            int c1 = c0 + out.step;
            x0.intoArray(c, c0);
            y0.intoArray(c, c0 + out.second);
            x1.intoArray(c, c1);
            y1.intoArray(c, c1 + out.second);
        }
    }

    void rows3(int products, int leftAt, int rightAt, int n, int startAt, int outAt) {
        float[] a = left.array;
        float[] b = right.array;
        float[] s = start.array;
        float[] c = out.array;
        int step = right.step;
        int second = right.second;
        for (int p = 0; p < products; p++) {
            int a0 = leftAt + p * left.next;
            int a1 = a0 + left.step;
            int a2 = a1 + left.step;
            int s0 = startAt + p * start.next;
            int s1 = s0 + start.step;
            int s2 = s1 + start.step;
            FloatVector x0 = load(s, s0);
            FloatVector y0 = load(s, s0 + start.second);
            FloatVector x1 = load(s, s1);
            FloatVector y1 = load(s, s1 + start.second);
            FloatVector x2 = load(s, s2);
            FloatVector y2 = load(s, s2 + start.second);
            int j = rightAt + p * right.next;
            for (int i = 0; i < n; i++) {
                FloatVector u = load(b, j);
                FloatVector v = load(b, j + second);
                FloatVector w0 = FloatVector.broadcast(S, a[a0 + i]);
                x0 = u.fma(w0, x0);
                y0 = v.fma(w0, y0);
                FloatVector w1 = FloatVector.broadcast(S, a[a1 + i]);
                x1 = u.fma(w1, x1);
                y1 = v.fma(w1, y1);
                FloatVector w2 = FloatVector.broadcast(S, a[a2 + i]);
                x2 = u.fma(w2, x2);
                y2 = v.fma(w2, y2);
                j += step;
            }
            int c0 = outAt + p * out.next;
            int c1 = c0 + out.step;
            int c2 = c1 + out.step;
            x0.intoArray(c, c0);
            y0.intoArray(c, c0 + out.second);
            x1.intoArray(c, c1);
            y1.intoArray(c, c1 + out.second);
            x2.intoArray(c, c2);
            y2.intoArray(c, c2 + out.second);
        }
    }

    void rows4(int products, int leftAt, int rightAt, int n, int startAt, int outAt) {
        float[] a = left.array;
        float[] b = right.array;
        float[] s = start.array;
        float[] c = out.array;
        int step = right.step;
        int second = right.second;
        for (int p = 0; p < products; p++) {
            int a0 = leftAt + p * left.next;
            int a1 = a0 + left.step;
            int a2 = a1 + left.step;
            int a3 = a2 + left.step;
            int s0 = startAt + p * start.next;
            int s1 = s0 + start.step;
            int s2 = s1 + start.step;
            int s3 = s2 + start.step;
            FloatVector x0 = load(s, s0);
            FloatVector y0 = load(s, s0 + start.second);
            FloatVector x1 = load(s, s1);
            FloatVector y1 = load(s, s1 + start.second);
            FloatVector x2 = load(s, s2);
            FloatVector y2 = load(s, s2 + start.second);
            FloatVector x3 = load(s, s3);
            FloatVector y3 = load(s, s3 + start.second);
            int j = rightAt + p * right.next;
            for (int i = 0; i < n; i++) {
                FloatVector u = load(b, j);
                FloatVector v = load(b, j + second);
                FloatVector w0 = FloatVector.broadcast(S, a[a0 + i]);
                x0 = u.fma(w0, x0);
                y0 = v.fma(w0, y0);
                FloatVector w1 = FloatVector.broadcast(S, a[a1 + i]);
                x1 = u.fma(w1, x1);
                y1 = v.fma(w1, y1);
                FloatVector w2 = FloatVector.broadcast(S, a[a2 + i]);
                x2 = u.fma(w2, x2);
                y2 = v.fma(w2, y2);
                FloatVector w3 = FloatVector.broadcast(S, a[a3 + i]);
                x3 = u.fma(w3, x3);
                y3 = v.fma(w3, y3);
                j += step;
            }
            int c0 = outAt + p * out.next;
            int c1 = c0 + out.step;
            int c2 = c1 + out.step;
            int c3 = c2 + out.step;
            x0.intoArray(c, c0);
            y0.intoArray(c, c0 + out.second);
            x1.intoArray(c, c1);
            y1.intoArray(c, c1 + out.second);
            x2.intoArray(c, c2);
            y2.intoArray(c, c2 + out.second);
            x3.intoArray(c, c3);
            y3.intoArray(c, c3 + out.second);
        }
    }

    /** By single vectors, as the next three. */
    void narrow1(int products, int leftAt, int rightAt, int n, int startAt, int outAt) {
        float[] a = left.array;
        float[] b = right.array;
        float[] s = start.array;
        float[] c = out.array;
        int step = right.step;
        for (int p = 0; p < products; p++) {
            int a0 = leftAt + p * left.next;
            int s0 = startAt + p * start.next;
            FloatVector x0 = load(s, s0);
            int j = rightAt + p * right.next;
            for (int i = 0; i < n; i++) {
                FloatVector u = load(b, j);
                x0 = u.fma(FloatVector.broadcast(S, a[a0 + i]), x0);
                j += step;
            }
            int c0 = outAt + p * out.next;
            x0.intoArray(c, c0);
        }
    }

    void narrow2(int products, int leftAt, int rightAt, int n, int startAt, int outAt) {
        float[] a = left.array;
        float[] b = right.array;
        float[] s = start.array;
        float[] c = out.array;
        int step = right.step;
        for (int p = 0; p < products; p++) {
            int a0 = leftAt + p * left.next;
            int a1 = a0 + left.step;
            int s0 = startAt + p * start.next;
            FloatVector x0 = load(s, s0);
            FloatVector x1 = load(s, s0 + start.step);
            int j = rightAt + p * right.next;
            for (int i = 0; i < n; i++) {
                FloatVector u = load(b, j);
                x0 = u.fma(FloatVector.broadcast(S, a[a0 + i]), x0);
                x1 = u.fma(FloatVector.broadcast(S, a[a1 + i]), x1);
                j += step;
            }
            int c0 = outAt + p * out.next;
            x0.intoArray(c, c0);
            x1.intoArray(c, c0 + out.step);
        }
    }

    void narrow3(int products, int leftAt, int rightAt, int n, int startAt, int outAt) {
        float[] a = left.array;
        float[] b = right.array;
        float[] s = start.array;
        float[] c = out.array;
        int step = right.step;
        for (int p = 0; p < products; p++) {
            int a0 = leftAt + p * left.next;
            int a1 = a0 + left.step;
            int a2 = a1 + left.step;
            int s0 = startAt + p * start.next;
            FloatVector x0 = load(s, s0);
            FloatVector x1 = load(s, s0 + start.step);
            FloatVector x2 = load(s, s0 + 2 * start.step);
            int j = rightAt + p * right.next;
            for (int i = 0; i < n; i++) {
                FloatVector u = load(b, j);
                x0 = u.fma(FloatVector.broadcast(S, a[a0 + i]), x0);
                x1 = u.fma(FloatVector.broadcast(S, a[a1 + i]), x1);
                x2 = u.fma(FloatVector.broadcast(S, a[a2 + i]), x2);
                j += step;
            }
            int c0 = outAt + p * out.next;
            x0.intoArray(c, c0);
            x1.intoArray(c, c0 + out.step);
            x2.intoArray(c, c0 + 2 * out.step);
        }
    }

    void narrow4(int products, int leftAt, int rightAt, int n, int startAt, int outAt) {
        float[] a = left.array;
        float[] b = right.array;
        float[] s = start.array;
        float[] c = out.array;
        int step = right.step;
        for (int p = 0; p < products; p++) {
            int a0 = leftAt + p * left.next;
            int a1 = a0 + left.step;
            int a2 = a1 + left.step;
            int a3 = a2 + left.step;
            int s0 = startAt + p * start.next;
            FloatVector x0 = load(s, s0);
            FloatVector x1 = load(s, s0 + start.step);
            FloatVector x2 = load(s, s0 + 2 * start.step);
            FloatVector x3 = load(s, s0 + 3 * start.step);
            int j = rightAt + p * right.next;
            for (int i = 0; i < n; i++) {
                FloatVector u = load(b, j);
                x0 = u.fma(FloatVector.broadcast(S, a[a0 + i]), x0);
                x1 = u.fma(FloatVector.broadcast(S, a[a1 + i]), x1);
                x2 = u.fma(FloatVector.broadcast(S, a[a2 + i]), x2);
                x3 = u.fma(FloatVector.broadcast(S, a[a3 + i]), x3);
                j += step;
            }
            int c0 = outAt + p * out.next;
            x0.intoArray(c, c0);
            x1.intoArray(c, c0 + out.step);
            x2.intoArray(c, c0 + 2 * out.step);
            x3.intoArray(c, c0 + 3 * out.step);
        }
    }
}
