package io.github.psft4j.kernel.cpu.rows;

import io.github.psft4j.kernel.cpu.gemm.Bf16Array;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import java.util.Arrays;

/**
 * Per-thread working memory that grows to the largest request and is then reused, so that the hot path allocates
 * nothing.
 */
public final class ThreadScratch {

    private static final ThreadLocal<ThreadScratch> LOCAL = ThreadLocal.withInitial(ThreadScratch::new);

    /**
     * Slots from here on hold what the calling thread prepares for all workers; each worker uses the ones below for
     * itself.
     */
    public static final int SHARED = 8;

    /** Slots from here on belong to {@link RowMath}. */
    static final int ROW_MATH = 12;

    private final float[][] arrays = new float[ROW_MATH + 2][0];
    private final FloatMemory[] memories = new FloatMemory[6];
    private short[] bits = new short[0];
    private float[][] rows = {};

    private ThreadScratch() {}

    /** The scratch of the calling thread. */
    public static ThreadScratch local() {
        return LOCAL.get();
    }

    /** Array {@code slot} with at least n elements and any content. */
    public float[] array(int slot, int n) {
        if (arrays[slot].length < n) {
            arrays[slot] = new float[(n + RowMath.PADDING - 1) / RowMath.PADDING * RowMath.PADDING];
        }
        return arrays[slot];
    }

    /** Array {@code slot} with at least n elements, the first n of them zero. */
    public float[] zeroed(int slot, int n) {
        float[] a = array(slot, n);
        Arrays.fill(a, 0, n, 0f);
        return a;
    }

    /** At least so many rows of at least n elements and any content. */
    float[][] rows(int count, int n) {
        if (rows.length < count || rows[0].length < n) {
            rows = new float[count][n];
        }
        return rows;
    }

    /** At least n numbers in bfloat16 with any content, which {@link #widened} overwrites. */
    public short[] bits(int n) {
        if (bits.length < n) {
            bits = new short[(n + RowMath.PADDING - 1) / RowMath.PADDING * RowMath.PADDING];
        }
        return bits;
    }

    /** Array 0 with n numbers of a bfloat16 array from the offset on. */
    public float[] widened(RowMath rows, Bf16Array from, long offset, int n) {
        from.get(offset, bits(n), n);
        float[] out = array(0, n);
        rows.widen(bits, out, n);
        return out;
    }

    /** Off-heap memory {@code slot} of at least n floats and any content. */
    public FloatMemory memory(int slot, long n) {
        if (memories[slot] == null || memories[slot].length() < n) {
            memories[slot] = FloatMemory.allocate(n);
        }
        return memories[slot];
    }
}
