package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import java.util.Arrays;

/**
 * The cache of {@link CpuCachedAttention}, channel by channel, so that loops over positions are loops over one array. A
 * slot grows with its sequence.
 */
final class CpuKeyValueCache implements KeyValueCache {

    private static final int FIRST_ENTRIES = 64;

    private final int capacity;
    private final float[][][] keys; // [slots][KV * d][entries]
    private final float[][][] values; // [slots][KV * d][entries]

    CpuKeyValueCache(int slots, AttentionShape shape, int longest) {
        capacity = KeyValueCache.capacity(shape, longest);
        keys = new float[slots][shape.kvHeads() * shape.headDim()][0];
        values = new float[slots][shape.kvHeads() * shape.headDim()][0];
    }

    @Override
    public int capacity() {
        return capacity;
    }

    /** Keys of a slot, {@code [KV * d][entries]}. */
    float[][] keys(int slot) {
        return keys[slot];
    }

    /** Values of a slot, {@code [KV * d][entries]}. */
    float[][] values(int slot) {
        return values[slot];
    }

    /** Makes room for so many entries of a slot and keeps those that are there. */
    void reserve(int slot, int entries) {
        int now = keys[slot][0].length;
        if (entries > now) {
            int room = Math.min(capacity, Math.max(Math.max(entries, FIRST_ENTRIES), 2 * now));
            int padded = (room + RowMath.PADDING - 1) / RowMath.PADDING * RowMath.PADDING; // whole vectors
            for (int c = 0; c < keys[slot].length; c++) {
                keys[slot][c] = Arrays.copyOf(keys[slot][c], padded);
                values[slot][c] = Arrays.copyOf(values[slot][c], padded);
            }
        }
    }
}
