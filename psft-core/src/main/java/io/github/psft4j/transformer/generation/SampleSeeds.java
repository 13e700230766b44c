package io.github.psft4j.transformer.generation;

/**
 * Seeds of samples: a function of (seed of the run, epoch, prompt, sample) alone. A sample does not depend on the batch
 * that it is drawn in, and a resumed run draws what the straight run draws.
 */
public final class SampleSeeds {

    private SampleSeeds() {}

    /** Seeds of the first samples of a prompt in an epoch. */
    public static long[] of(long seed, int epoch, int prompt, int samples) {
        long[] out = new long[samples];
        for (int i = 0; i < samples; i++) {
            out[i] = mixed(mixed(mixed(mixed(seed) + epoch) + prompt) + i);
        }
        return out;
    }

    /** A bijection that spreads neighbours over all 64 bits (the finaliser of SplitMix64). */
    private static long mixed(long z) {
        long x = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
        return (x ^ (x >>> 31)) + 0x9E3779B97F4A7C15L;
    }
}
