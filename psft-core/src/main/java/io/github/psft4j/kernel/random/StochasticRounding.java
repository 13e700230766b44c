package io.github.psft4j.kernel.random;

/**
 * Rounds floats to bfloat16 up or down at random, so that the expected value is the float itself (Zamirai and others,
 * arXiv 2010.06192). Small changes of a large number then survive on average, which rounding to the nearest loses.
 *
 * <p>The random numbers follow from seed, step and the number's place alone. They do not depend on threads, on earlier
 * steps or on a resume.
 *
 * @param seed of the run
 * @param step optimizer step
 * @param from place of the first number of a vector within the whole one
 */
public record StochasticRounding(long seed, int step, long from) {

    private static final int EXPONENT = 0x7f80_0000;

    /** The same for a part that begins at another place. */
    public StochasticRounding at(long place) {
        return new StochasticRounding(seed, step, place);
    }

    /** 32 random bits for number i of the vector: the lower 16 for one value there, the upper 16 for another. */
    public int bits(long i) {
        return bits(key(), from + i);
    }

    /** What {@link #bits(int, long)} needs of seed and step. */
    public int key() {
        long x = seed + step * 0x9E37_79B9_7F4A_7C15L; // SplitMix64
        x = (x ^ x >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        x = (x ^ x >>> 27) * 0x94D0_49BB_1331_11EBL;
        return (int) (x ^ x >>> 31);
    }

    /** 32 random bits for a place; the mixing function is lowbias32 of Chris Wellons. */
    public static int bits(int key, long place) {
        int x = (int) place * 0x9E37_79B1 + (int) (place >>> 32) * 0x85EB_CA77 + key;
        x = (x ^ x >>> 16) * 0x7feb_352d;
        x = (x ^ x >>> 15) * 0x846c_a68b;
        return x ^ x >>> 16;
    }

    /** A float as the bits of one of its two neighbours in bfloat16, by 16 random bits. */
    public static short round(float value, int random) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & EXPONENT) == EXPONENT) { // infinite, or NaN, which must not lose its last bit
            return (short) (bits >>> 16 | ((bits & 0xffff) != 0 ? 0x40 : 0));
        }
        int rounded = bits + (random & 0xffff);
        return (short) ((rounded & EXPONENT) == EXPONENT ? bits >>> 16 : rounded >>> 16);
    }

    /** The float of bfloat16 bits. */
    public static float value(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
