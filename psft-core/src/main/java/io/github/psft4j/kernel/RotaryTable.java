package io.github.psft4j.kernel;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Cosines and sines of rotary position embeddings (RoPE, arXiv 2104.09864): angle of channel pair i at position p is
 * {@code p * theta^(-2i/d)}.
 *
 * <p>Angles are taken in float, as transformers does, so that long contexts round the same way.
 */
public final class RotaryTable {

    private record Key(int positions, int headDim, double theta) {}

    private static final Map<Key, RotaryTable> SHARED = new ConcurrentHashMap<>();

    private final int positions;
    private final int half;
    private final double theta;
    private final float[] cos; // [positions, d/2]
    private final float[] sin; // [positions, d/2]

    /**
     * @param positions largest sequence length
     * @param headDim width d of a head, even
     * @param theta base of the frequencies, 10,000 in the paper
     */
    public RotaryTable(int positions, int headDim, double theta) {
        this.positions = positions;
        this.half = headDim / 2;
        this.theta = theta;
        this.cos = new float[positions * half];
        this.sin = new float[positions * half];
        for (int i = 0; i < half; i++) {
            float frequency = (float) (1 / Math.pow(theta, 2.0 * i / headDim));
            for (int p = 0; p < positions; p++) {
                float angle = p * frequency;
                cos[p * half + i] = (float) Math.cos(angle);
                sin[p * half + i] = (float) Math.sin(angle);
            }
        }
    }

    /**
     * A shared table of at least the given number of positions. Tables grow in powers of two, so that a model with a
     * long context pays for the positions it uses.
     */
    public static RotaryTable of(int positions, int headDim, double theta) {
        int size = Math.max(64, Integer.highestOneBit(Math.max(1, positions - 1)) * 2);
        return SHARED.computeIfAbsent(new Key(size, headDim, theta), k -> new RotaryTable(size, headDim, theta));
    }

    /** Number of positions that the table covers. */
    public int positions() {
        return positions;
    }

    /** Channel pairs per head, {@code d/2}. */
    public int half() {
        return half;
    }

    /** Base of the frequencies. */
    public double theta() {
        return theta;
    }

    /** Cosines {@code [positions, d/2]}; not a copy, never written to. */
    public float[] cos() {
        return cos;
    }

    /** Sines {@code [positions, d/2]}; not a copy, never written to. */
    public float[] sin() {
        return sin;
    }
}
