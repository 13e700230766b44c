package io.github.psft4j.kernel;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Cosines and sines of rotary position embeddings (RoPE, arXiv 2104.09864). The angle of channel pair i at position p
 * is {@code p f_i}, with {@code f_i = theta^(-2i/d)} unless the frequencies are scaled.
 *
 * <p>Angles are taken in float, as transformers does, so that long contexts round the same way.
 */
public final class RotaryTable {

    private record Key(int positions, FloatBuffer frequencies, double factor) {}

    /**
     * Tables of the models in use. Frequencies that follow the length of the sequence make many: the oldest are
     * dropped.
     */
    private static final Map<Key, RotaryTable> SHARED = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, RotaryTable> eldest) {
            return size() > 16;
        }
    };

    private final int positions;
    private final int half;
    private final float[] cos; // [positions, d/2]
    private final float[] sin; // [positions, d/2]

    /**
     * @param positions largest sequence length
     * @param frequencies angle per position of each channel pair, {@code [d/2]}
     * @param factor on cosines and sines, 1 as a rule
     */
    public RotaryTable(int positions, float[] frequencies, double factor) {
        this.positions = positions;
        this.half = frequencies.length;
        this.cos = new float[positions * half];
        this.sin = new float[positions * half];
        for (int i = 0; i < half; i++) {
            for (int p = 0; p < positions; p++) {
                float angle = p * frequencies[i];
                cos[p * half + i] = (float) (factor * Math.cos(angle));
                sin[p * half + i] = (float) (factor * Math.sin(angle));
            }
        }
    }

    /**
     * The unscaled table.
     *
     * @param positions largest sequence length
     * @param headDim width d of a head, even
     * @param theta base of the frequencies, 10,000 in the paper
     */
    public RotaryTable(int positions, int headDim, double theta) {
        this(positions, frequencies(headDim, theta), 1);
    }

    /** Unscaled frequencies {@code theta^(-2i/d)}, {@code [d/2]}. */
    public static float[] frequencies(int headDim, double theta) {
        float[] f = new float[headDim / 2];
        for (int i = 0; i < f.length; i++) {
            f[i] = (float) (1 / Math.pow(theta, 2.0 * i / headDim));
        }
        return f;
    }

    /**
     * A shared table of at least the given number of positions. Tables grow in powers of two, so that a model with a
     * long context pays for the positions it uses.
     */
    public static RotaryTable of(int positions, float[] frequencies, double factor) {
        int size = Math.max(64, Integer.highestOneBit(Math.max(1, positions - 1)) * 2);
        Key key = new Key(size, FloatBuffer.wrap(frequencies.clone()), factor);
        synchronized (SHARED) {
            return SHARED.computeIfAbsent(key, k -> new RotaryTable(size, frequencies, factor));
        }
    }

    /** Number of positions that the table covers. */
    public int positions() {
        return positions;
    }

    /** Channel pairs per head, {@code d/2}. */
    public int half() {
        return half;
    }

    /** Cosines {@code [positions, d/2]}; not a copy, never written to. */
    public float[] cos() {
        return cos;
    }

    /** Sines {@code [positions, d/2]}; not a copy, never written to. */
    public float[] sin() {
        return sin;
    }

    /** Refuses heads of another width and positions beyond the table. */
    public void check(AttentionShape shape, int firstPosition) {
        if (shape.headDim() != 2 * half) {
            throw new IllegalArgumentException(
                    "headDim is " + shape.headDim() + " but the rotary table was made for " + 2 * half);
        }
        int longest = shape.layout().longest();
        if (firstPosition < 0 || firstPosition + longest > positions) {
            throw new IllegalArgumentException("positions " + firstPosition + " to "
                    + (firstPosition + longest - 1) + " are outside the rotary table of " + positions
                    + "; shorten the sequences or raise maxPositions");
        }
    }
}
