package io.github.psft4j.kernel.random;

/**
 * Inverted dropout of rows: a number is left out with probability {@code rate}, and the others are multiplied by
 * {@code 1 / (1 - rate)}, so that the mean stays. What is left out of a row is a function of its seed alone.
 *
 * <p>Random bits: SplitMix64 (Steele et al., 2014), 32 bits a number.
 */
public final class RowDropout {

    private static final long GAMMA = 0x9E3779B97F4A7C15L;
    private static final double RANGE = 0x1p32;

    private final long threshold;
    private final float scale;

    /**
     * @param rate in [0, 1)
     * @throws IllegalArgumentException for another rate
     */
    public RowDropout(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("a dropout rate must be at least 0 and below 1, was " + rate);
        }
        threshold = (long) (rate * RANGE);
        scale = (float) (1 / (1 - rate));
    }

    /** {@code x[i] = x[i] factor_i} for i in [0, n), with factors 0 and {@code 1 / (1 - rate)}. */
    public void apply(float[] x, int n, long seed) {
        for (int i = 0; i < n; i += 2) {
            long bits = mix(seed + (i + 2) * GAMMA);
            x[i] = (bits & 0xFFFFFFFFL) < threshold ? 0 : x[i] * scale;
            if (i + 1 < n) {
                x[i + 1] = bits >>> Integer.SIZE < threshold ? 0 : x[i + 1] * scale;
            }
        }
    }

    /** A seed that depends on both numbers. */
    public static long seed(long one, long other) {
        return mix(one * GAMMA + other);
    }

    private static long mix(long seed) {
        long z = (seed ^ seed >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
