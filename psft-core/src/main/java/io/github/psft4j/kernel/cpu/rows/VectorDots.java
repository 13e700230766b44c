package io.github.psft4j.kernel.cpu.rows;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link DotLoops} by the JDK's Vector module. With the registers of AVX-512, a vector of terms of four rows and four
 * rows of the weight makes 16 sums. With those of AVX2 two rows make eight. One row with a weight in bfloat16 makes
 * eight, too, two for each row of the weight, so that no sum waits for itself.
 */
final class VectorDots implements DotLoops {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();

    /** Lanes of vectors with 32 registers. */
    private static final int WIDE = 16;

    /** Sums of a row that are kept side by side: those of {@value DotLoops#OUTPUTS} rows of the weight. */
    private static final int NEXT = OUTPUTS * L;

    /** As many bits as there are in a vector of floats. */
    private static final VectorSpecies<Short> PAIRS = ShortVector.SPECIES_PREFERRED;

    /** The upper one of two numbers in bfloat16. */
    private static final int UPPER = 0xffff0000;

    /** Places of the first lanes of L vectors. */
    private static final int[] FIRST_LANES = firstLanes();

    private VectorDots() {}

    /** Null where vectors are shorter than those of AVX2. */
    static DotLoops find() {
        return L == WIDE || L == 8 ? new VectorDots() : null;
    }

    @Override
    public int lanes() {
        return L;
    }

    @Override
    public int rowStep() {
        return L == WIDE ? 4 : 2;
    }

    /** Weights in bfloat16 were measured with the vectors of AVX2 alone; wider ones become panels of floats. */
    @Override
    public boolean suits(int rows, boolean narrow) {
        if (L == WIDE) {
            return !narrow && rows >= 4 && rows <= 11;
        }
        return narrow ? rows >= 1 && rows <= 11 : rows >= 2 && rows <= 6;
    }

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

    private static FloatVector lower(IntVector pair) {
        return pair.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    private static FloatVector upper(IntVector pair) {
        return pair.and(UPPER).reinterpretAsFloats();
    }

    private static IntVector pairs(short[] a, int i) {
        return ShortVector.fromArray(PAIRS, a, i).reinterpretAsInts();
    }

    @Override
    public void run(float[] x, int rows, float[] w, int step, int first, float[] sums) {
        for (int r = 0; r < rows; r += rowStep()) {
            VectorCalls.dots(L == WIDE, x, r * step, w, step, sums, r * NEXT + first * L);
        }
    }

    @Override
    public void oneRow(float[] x, short[] w, int step, int first, float[] sums) {
        VectorCalls.oneRow(x, w, step, sums, first * L);
    }

    @Override
    public void addLanes(float[] sums, int count, float[] out) {
        if (L == WIDE) {
            VectorCalls.addLanes(sums, count, out);
        } else {
            addEight(sums, count, out);
        }
    }

    /** Gathers of AVX2 take longer than single additions. */
    private static void addEight(float[] s, int count, float[] out) {
        for (int i = 0; i < count; i++) {
            int k = 8 * i;
            out[i] = ((s[k] + s[k + 1]) + (s[k + 2] + s[k + 3])) + ((s[k + 4] + s[k + 5]) + (s[k + 6] + s[k + 7]));
        }
    }

    /** One row, four rows of a weight in bfloat16, two of whose numbers become floats by a shift and a mask. */
    static void oneByFour(float[] x, short[] w, int step, float[] sums, int to) {
        FloatVector zero = FloatVector.zero(S);
        FloatVector a0 = zero;
        FloatVector a1 = zero;
        FloatVector a2 = zero;
        FloatVector a3 = zero;
        FloatVector b0 = zero;
        FloatVector b1 = zero;
        FloatVector b2 = zero;
        FloatVector b3 = zero;
        int half = step / 2;
        for (int i = 0; i < half; i += L) {
            FloatVector even = load(x, i);
            FloatVector odd = load(x, half + i);
            IntVector pair = pairs(w, 2 * i);
            a0 = even.fma(lower(pair), a0);
            b0 = odd.fma(upper(pair), b0);
            pair = pairs(w, step + 2 * i);
            a1 = even.fma(lower(pair), a1);
            b1 = odd.fma(upper(pair), b1);
            pair = pairs(w, 2 * step + 2 * i);
            a2 = even.fma(lower(pair), a2);
            b2 = odd.fma(upper(pair), b2);
            pair = pairs(w, 3 * step + 2 * i);
            a3 = even.fma(lower(pair), a3);
            b3 = odd.fma(upper(pair), b3);
        }
        a0.add(b0).intoArray(sums, to);
        a1.add(b1).intoArray(sums, to + L);
        a2.add(b2).intoArray(sums, to + 2 * L);
        a3.add(b3).intoArray(sums, to + 3 * L);
    }

    /**
     * Two rows, four rows of the weight. Two steps make the loop too long for C2 to unroll, which would keep its sums
     * in memory.
     */
    static void twoByFour(float[] x, int at, float[] w, int step, float[] sums, int to) {
        FloatVector zero = FloatVector.zero(S);
        FloatVector a0 = zero;
        FloatVector a1 = zero;
        FloatVector a2 = zero;
        FloatVector a3 = zero;
        FloatVector b0 = zero;
        FloatVector b1 = zero;
        FloatVector b2 = zero;
        FloatVector b3 = zero;
        for (int i = 0; i < step; i += 2 * L) {
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
            w0 = load(w, i + L);
            w1 = load(w, step + i + L);
            w2 = load(w, 2 * step + i + L);
            w3 = load(w, 3 * step + i + L);
            v = load(x, at + i + L);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            a2 = v.fma(w2, a2);
            a3 = v.fma(w3, a3);
            v = load(x, at + step + i + L);
            b0 = v.fma(w0, b0);
            b1 = v.fma(w1, b1);
            b2 = v.fma(w2, b2);
            b3 = v.fma(w3, b3);
        }
        a0.intoArray(sums, to);
        a1.intoArray(sums, to + L);
        a2.intoArray(sums, to + 2 * L);
        a3.intoArray(sums, to + 3 * L);
        b0.intoArray(sums, to + NEXT);
        b1.intoArray(sums, to + NEXT + L);
        b2.intoArray(sums, to + NEXT + 2 * L);
        b3.intoArray(sums, to + NEXT + 3 * L);
    }

    /** Four rows, four rows of the weight. Called through {@link VectorCalls}, as the others. */
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
    static void gatherLanes(float[] sums, int vectors, float[] out) {
        for (int i = 0; i < vectors; i += L) {
            FloatVector all = FloatVector.fromArray(S, sums, i * L, FIRST_LANES, 0);
            for (int lane = 1; lane < L; lane++) {
                all = all.add(FloatVector.fromArray(S, sums, i * L + lane, FIRST_LANES, 0));
            }
            all.intoArray(out, i);
        }
    }
}
