package io.github.psft4j.kernel.cpu.rows;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link RowMath#dots} by the JDK's Vector module: a vector of terms of four rows and four rows of the weight makes 16
 * products, which stay in registers. The lanes are added at the end, 16 outputs at a time.
 */
final class VectorDots {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();

    /** Sums of a row that are kept side by side: those of {@value RowMath#DOTS} rows of the weight. */
    private static final int NEXT = RowMath.DOTS * L;

    /** Places of the first lanes of L vectors. */
    private static final int[] FIRST_LANES = firstLanes();

    private VectorDots() {}

    private static int[] firstLanes() {
        int[] places = new int[L];
        for (int i = 0; i < L; i++) {
            places[i] = i * L;
        }
        return places;
    }

    private static FloatVector load(float[] a, int i) {
        return FloatVector.fromArray(S, a, i);
    }

    /**
     * {@link RowMath#dots}.
     *
     * @param step from a row to the next, in x and in w; whole vectors
     */
    static void run(float[] x, int rows, float[] w, int step, int first, float[] sums) {
        for (int r = 0; r < rows; r += RowMath.DOT_ROWS) {
            VectorCalls.dots(x, r * step, w, step, sums, r * NEXT + first * L);
        }
    }

    /** Four rows, four rows of the weight. Called through {@link VectorCalls}, as the next. */
    static void fourByFour(float[] x, int at, float[] w, int step, float[] sums, int to) {
        FloatVector zero = FloatVector.zero(S);
        FloatVector a0 = zero;
        FloatVector a1 = zero;
        FloatVector a2 = zero;
        FloatVector a3 = zero;
        FloatVector b0 = zero;
        FloatVector b1 = zero;
        FloatVector b2 = zero;
        FloatVector b3 = zero;
        FloatVector c0 = zero;
        FloatVector c1 = zero;
        FloatVector c2 = zero;
        FloatVector c3 = zero;
        FloatVector d0 = zero;
        FloatVector d1 = zero;
        FloatVector d2 = zero;
        FloatVector d3 = zero;
        for (int i = 0; i < step; i += L) {
            FloatVector w0 = load(w, i);
            FloatVector w1 = load(w, step + i);
            FloatVector w2 = load(w, 2 * step + i);
            FloatVector w3 = load(w, 3 * step + i);
            FloatVector v = load(x, at + i);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            a2 = v.fma(w2, a2);
            a3 = v.fma(w3, a3);
            v = load(x, at + step + i);
            b0 = v.fma(w0, b0);
            b1 = v.fma(w1, b1);
            b2 = v.fma(w2, b2);
            b3 = v.fma(w3, b3);
            v = load(x, at + 2 * step + i);
            c0 = v.fma(w0, c0);
            c1 = v.fma(w1, c1);
            c2 = v.fma(w2, c2);
            c3 = v.fma(w3, c3);
            v = load(x, at + 3 * step + i);
            d0 = v.fma(w0, d0);
            d1 = v.fma(w1, d1);
            d2 = v.fma(w2, d2);
            d3 = v.fma(w3, d3);
        }
        a0.intoArray(sums, to);
        a1.intoArray(sums, to + L);
        a2.intoArray(sums, to + 2 * L);
        a3.intoArray(sums, to + 3 * L);
        b0.intoArray(sums, to + NEXT);
        b1.intoArray(sums, to + NEXT + L);
        b2.intoArray(sums, to + NEXT + 2 * L);
        b3.intoArray(sums, to + NEXT + 3 * L);
        c0.intoArray(sums, to + 2 * NEXT);
        c1.intoArray(sums, to + 2 * NEXT + L);
        c2.intoArray(sums, to + 2 * NEXT + 2 * L);
        c3.intoArray(sums, to + 2 * NEXT + 3 * L);
        d0.intoArray(sums, to + 3 * NEXT);
        d1.intoArray(sums, to + 3 * NEXT + L);
        d2.intoArray(sums, to + 3 * NEXT + 2 * L);
        d3.intoArray(sums, to + 3 * NEXT + 3 * L);
    }

    /** {@code out[i]} = the lanes of the i-th vector of the sums, added in their order. */
    static void addLanes(float[] sums, int vectors, float[] out) {
        for (int i = 0; i < vectors; i += L) {
            FloatVector all = FloatVector.fromArray(S, sums, i * L, FIRST_LANES, 0);
            for (int lane = 1; lane < L; lane++) {
                all = all.add(FloatVector.fromArray(S, sums, i * L + lane, FIRST_LANES, 0));
            }
            all.intoArray(out, i);
        }
    }
}
