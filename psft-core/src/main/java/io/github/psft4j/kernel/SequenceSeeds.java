package io.github.psft4j.kernel;

/**
 * Random seeds of the sequences of a training pass. They are functions of (seed, step, key of the sequence), so that
 * neither padding nor micro-batches nor a resumed run change them.
 */
public final class SequenceSeeds {

    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private final String what;
    private final long seed;
    private long step;
    private int[] keys = {};

    /** @param what is random, for messages */
    public SequenceSeeds(String what, long seed) {
        this.what = what;
        this.seed = seed;
    }

    /** Says what the next training pass sees. */
    public void next(long optimizerStep, int[] sequenceKeys) {
        step = optimizerStep;
        keys = sequenceKeys.clone();
    }

    /**
     * A seed per sequence.
     *
     * @throws IllegalStateException if {@link #next} got another number of sequences
     */
    public long[] of(SequenceLayout segments) {
        if (keys.length != segments.count()) {
            throw new IllegalStateException(
                    what + " was prepared for " + keys.length + " sequences, the batch has " + segments.count());
        }
        long[] seeds = new long[keys.length];
        for (int s = 0; s < keys.length; s++) {
            seeds[s] = (seed * GAMMA + step) * GAMMA + keys[s];
        }
        return seeds;
    }
}
