package io.github.psft4j.kernel.cpu.rows;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of up to {@value #ROWS} rows with one matrix, two vectors of columns at a time: {@code out[h][j] += sum over
 * i < n of left[h][i] right[i][j]}. A vector of the matrix is loaded once for all rows. Sums are in the order of i,
 * whatever the number of rows. There is a method for each number, because vectors in an array would become objects.
 *
 * @param leftStep from a row of {@code left} to the next
 * @param right the matrix
 * @param rightStep from a row of the matrix to the next
 * @param rightSecond from a vector of the matrix to the one that is taken with it
 * @param outStep from a row of {@code out} to the next
 * @param outSecond from a vector of {@code out} to the one that is taken with it
 */
record VectorOperand(
        float[] left,
        int leftStep,
        float[] right,
        int rightStep,
        int rightSecond,
        float[] out,
        int outStep,
        int outSecond) {

    /** Rows that share a vector. */
    static final int ROWS = 4;

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

    private static FloatVector load(float[] a, int i) {
        return FloatVector.fromArray(S, a, i);
    }

    /** Adds the products of so many rows. */
    void add(int rows, int leftAt, int rightAt, int n, int outAt) {
        for (int h = 0; h < rows; h += ROWS) {
            int together = Math.min(ROWS, rows - h);
            VectorCalls.add(this, together, leftAt + h * leftStep, rightAt, n, outAt + h * outStep);
        }
    }

    void add1(int leftAt, int rightAt, int n, int outAt) {
        float[] a = left;
        float[] b = right;
        int step = rightStep;
        int second = rightSecond;
        FloatVector x0 = load(out, outAt);
        FloatVector y0 = load(out, outAt + outSecond);
        int j = rightAt;
        for (int i = 0; i < n; i++) {
            FloatVector w0 = FloatVector.broadcast(S, a[leftAt + i]);
            x0 = load(b, j).fma(w0, x0);
            y0 = load(b, j + second).fma(w0, y0);
            j += step;
        }
        x0.intoArray(out, outAt);
        y0.intoArray(out, outAt + outSecond);
    }

    void add2(int leftAt, int rightAt, int n, int outAt) {
        float[] a = left;
        float[] b = right;
        int step = rightStep;
        int second = rightSecond;
        int a1 = leftAt + leftStep;
        int out1 = outAt + outStep;
        FloatVector x0 = load(out, outAt);
        FloatVector y0 = load(out, outAt + outSecond);
        FloatVector x1 = load(out, out1);
        FloatVector y1 = load(out, out1 + outSecond);
        int j = rightAt;
        for (int i = 0; i < n; i++) {
            FloatVector u = load(b, j);
            FloatVector v = load(b, j + second);
            FloatVector w0 = FloatVector.broadcast(S, a[leftAt + i]);
            x0 = u.fma(w0, x0);
            y0 = v.fma(w0, y0);
            FloatVector w1 = FloatVector.broadcast(S, a[a1 + i]);
            x1 = u.fma(w1, x1);
            y1 = v.fma(w1, y1);
            j += step;
        }
        x0.intoArray(out, outAt);
        y0.intoArray(out, outAt + outSecond);
        x1.intoArray(out, out1);
        y1.intoArray(out, out1 + outSecond);
    }

    void add3(int leftAt, int rightAt, int n, int outAt) {
        float[] a = left;
        float[] b = right;
        int step = rightStep;
        int second = rightSecond;
        int a1 = leftAt + leftStep;
        int a2 = a1 + leftStep;
        int out1 = outAt + outStep;
        int out2 = out1 + outStep;
        FloatVector x0 = load(out, outAt);
        FloatVector y0 = load(out, outAt + outSecond);
        FloatVector x1 = load(out, out1);
        FloatVector y1 = load(out, out1 + outSecond);
        FloatVector x2 = load(out, out2);
        FloatVector y2 = load(out, out2 + outSecond);
        int j = rightAt;
        for (int i = 0; i < n; i++) {
            FloatVector u = load(b, j);
            FloatVector v = load(b, j + second);
            FloatVector w0 = FloatVector.broadcast(S, a[leftAt + i]);
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
        x0.intoArray(out, outAt);
        y0.intoArray(out, outAt + outSecond);
        x1.intoArray(out, out1);
        y1.intoArray(out, out1 + outSecond);
        x2.intoArray(out, out2);
        y2.intoArray(out, out2 + outSecond);
    }

    void add4(int leftAt, int rightAt, int n, int outAt) {
        float[] a = left;
        float[] b = right;
        int step = rightStep;
        int second = rightSecond;
        int a1 = leftAt + leftStep;
        int a2 = a1 + leftStep;
        int a3 = a2 + leftStep;
        int out1 = outAt + outStep;
        int out2 = out1 + outStep;
        int out3 = out2 + outStep;
        FloatVector x0 = load(out, outAt);
        FloatVector y0 = load(out, outAt + outSecond);
        FloatVector x1 = load(out, out1);
        FloatVector y1 = load(out, out1 + outSecond);
        FloatVector x2 = load(out, out2);
        FloatVector y2 = load(out, out2 + outSecond);
        FloatVector x3 = load(out, out3);
        FloatVector y3 = load(out, out3 + outSecond);
        int j = rightAt;
        for (int i = 0; i < n; i++) {
            FloatVector u = load(b, j);
            FloatVector v = load(b, j + second);
            FloatVector w0 = FloatVector.broadcast(S, a[leftAt + i]);
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
        x0.intoArray(out, outAt);
        y0.intoArray(out, outAt + outSecond);
        x1.intoArray(out, out1);
        y1.intoArray(out, out1 + outSecond);
        x2.intoArray(out, out2);
        y2.intoArray(out, out2 + outSecond);
        x3.intoArray(out, out3);
        y3.intoArray(out, out3 + outSecond);
    }
}
