package io.github.psft4j.kernel.cpu.rows;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Exponentials of vectors, for the loops of {@code VectorRows}.
 *
 * <p>Every call on a vector costs the compiler a hundred nodes of its graph, and at 18,000 it stops inlining, perhaps
 * in the middle of a loop. Constants outside {@link #exp} are vectors already for that reason, although they are read
 * from memory in every turn then; those of {@link #exp} become registers.
 */
final class VectorExp {

    static final FloatVector ZERO = of(0f);
    static final FloatVector ONE = of(1f);
    static final FloatVector LOWEST = of(-RowMath.EXP_LIMIT);

    /** {@link #exp} of it is exactly 0: k is -127, and 2^k has no exponent bits left. */
    static final FloatVector FLUSHED = of(-88f);

    private static final float LOG2_E = 1.44269504f;

    // minus ln 2 in two parts, the first with few bits, so that multiples of it are exact (Cody and Waite 1980)
    private static final float MINUS_LN2_HIGH = -0.693359375f;
    private static final float MINUS_LN2_LOW = 2.12194440e-4f;

    /** 1.5 * 2^23: a float of this size has no fraction bits, so adding it rounds to an integer in the lowest bits. */
    private static final float ROUNDER = 12582912f;

    // exp(u) - 1 - u over u², the polynomial of Cephes' expf
    private static final float C7 = 1.9875691500e-4f;
    private static final float C6 = 1.3981999507e-3f;
    private static final float C5 = 8.3334519073e-3f;
    private static final float C4 = 4.1665795894e-2f;
    private static final float C3 = 1.6666665459e-1f;
    private static final float C2 = 5.0000001201e-1f;

    private static final IntVector EXPONENT_OF_ONE = ONE.reinterpretAsInts();

    private VectorExp() {}

    static FloatVector of(float value) {
        return FloatVector.broadcast(FloatVector.SPECIES_PREFERRED, value);
    }

    /** {@code exp(x)} for x in +-87, relative error below 2e-7: {@code 2^k exp(x - k ln 2)}. */
    static FloatVector exp(FloatVector x) {
        FloatVector rounded = x.fma(of(LOG2_E), of(ROUNDER));
        FloatVector k = rounded.sub(of(ROUNDER));
        FloatVector u = k.fma(of(MINUS_LN2_LOW), k.fma(of(MINUS_LN2_HIGH), x));
        FloatVector p = of(C7).fma(u, of(C6))
                .fma(u, of(C5))
                .fma(u, of(C4))
                .fma(u, of(C3))
                .fma(u, of(C2));
        p = p.mul(u).fma(u, u).add(ONE);
        // k to the exponent bits: the rounder's own lowest bits vanish in the shift.
        return p.mul(rounded.reinterpretAsInts()
                .lanewise(LSHL, 23)
                .add(EXPONENT_OF_ONE)
                .reinterpretAsFloats());
    }

    /** {@link #exp(FloatVector)} of one number, in the same arithmetic: the bits of a vector's lane. */
    static float exp(float x) {
        float rounded = Math.fma(x, LOG2_E, ROUNDER);
        float k = rounded - ROUNDER;
        float u = Math.fma(k, MINUS_LN2_LOW, Math.fma(k, MINUS_LN2_HIGH, x));
        float p = Math.fma(C7, u, C6);
        p = Math.fma(p, u, C5);
        p = Math.fma(p, u, C4);
        p = Math.fma(p, u, C3);
        p = Math.fma(p, u, C2);
        p = Math.fma(p * u, u, u) + 1;
        int exponent = (Float.floatToRawIntBits(rounded) << 23) + Float.floatToRawIntBits(1f);
        return p * Float.intBitsToFloat(exponent);
    }

    /** {@code exp(x)} for x up to 87, {@code exp(-87)} below -87, NaN for NaN. */
    static FloatVector expOrTiny(FloatVector x) {
        return exp(x.blend(LOWEST, x.compare(LT, LOWEST)));
    }
}
