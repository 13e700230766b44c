package io.github.psft4j.kernel.cpu.gemm;

import java.nio.FloatBuffer;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The off-heap floats of a dense 'c' array: an address for BLAS and bulk copies to and from Java arrays for the row
 * kernels.
 *
 * <p>It holds on to its array: a raw pointer alone would not keep the memory from being freed. Offsets are counted in
 * floats from the first element of the view.
 */
public final class FloatMemory implements NativeMemory {

    /** A direct buffer ends at 2 GiB, so memory is cut into segments of this many floats. */
    private static final int SEGMENT_BITS = 28;

    private static final long SEGMENT = 1L << SEGMENT_BITS;

    private final Object owner;
    private final long address;
    private final long length;
    private volatile FloatBuffer[] buffers; // products need none, so they are made on demand

    private FloatMemory(Object owner, long address, long length) {
        this.owner = owner;
        this.address = address;
        this.length = length;
    }

    /** Buffers over the segments. Two threads may both make them: equal ones, of which one set stays. */
    private FloatBuffer[] segments() {
        FloatBuffer[] made = buffers;
        if (made == null) {
            made = new FloatBuffer[(int) ((length + SEGMENT - 1) >>> SEGMENT_BITS)];
            for (int i = 0; i < made.length; i++) {
                long from = i * SEGMENT;
                made[i] = new ForeignFloats()
                        .at(address(from), Math.min(SEGMENT, length - from))
                        .asBuffer();
            }
            buffers = made;
        }
        return made;
    }

    /** Memories of the arrays that a thread uses again and again, null outside {@link #keeping}. */
    private static final ThreadLocal<Map<INDArray, Object>> KEPT = new ThreadLocal<>();

    /** Most arrays that are kept: many times those of a decoder's step. */
    private static final int MOST_KEPT = 1 << 16;

    /** Runs work during which {@link #of} makes one object per array and keeps it in the map. */
    public static void keeping(Map<INDArray, Object> kept, Runnable work) {
        Map<INDArray, Object> before = KEPT.get();
        KEPT.set(kept);
        try {
            work.run();
        } finally {
            KEPT.set(before);
        }
    }

    /** Memory of an array of type FLOAT in dense 'c' order; anything else is refused. */
    public static FloatMemory of(INDArray array) {
        return (FloatMemory) kept(array, FloatMemory::create);
    }

    /** What {@code create} makes of an array, kept inside {@link #keeping}. */
    static Object kept(INDArray array, Function<INDArray, Object> create) {
        Map<INDArray, Object> kept = KEPT.get();
        if (kept == null) {
            return create.apply(array);
        }
        Object memory = kept.get(array);
        if (memory == null) {
            if (kept.size() == MOST_KEPT) {
                kept.clear();
            }
            memory = create.apply(array);
            kept.put(array, memory);
        }
        return memory;
    }

    private static FloatMemory create(INDArray array) {
        if (array.dataType() != DataType.FLOAT) {
            throw new IllegalArgumentException("cpu-float kernels need FLOAT arrays, got " + array.dataType());
        }
        boolean ordered = array.rank() < 2 || array.ordering() == 'c';
        if (array.length() > 1 && (!ordered || array.elementWiseStride() != 1)) {
            throw new IllegalArgumentException(
                    "cpu-float kernels need dense 'c' arrays, got " + array.shapeInfoToString());
        }
        // addressPointer() includes the offset of a view, address() does not.
        return new FloatMemory(array, array.data().addressPointer().address(), array.length());
    }

    /** Fresh scratch memory, freed by {@link #free} or with the object. */
    public static FloatMemory allocate(long length) {
        FloatPointer pointer = new FloatPointer(length);
        return new FloatMemory(pointer, pointer.address(), length);
    }

    /** Frees memory that {@link #allocate} has made; it must not be used any more. */
    public void free() {
        ((FloatPointer) owner).deallocate();
    }

    /** Number of floats. */
    public long length() {
        return length;
    }

    /** The array or pointer that owns the memory. */
    Object owner() {
        return owner;
    }

    @Override
    public long address(long offset) {
        return address + offset * Float.BYTES;
    }

    /** Copies n floats from the offset into dst[0..n). */
    public void get(long offset, float[] dst, int n) {
        get(offset, dst, 0, n);
    }

    /** Copies n floats from the offset into dst[first..first + n). */
    public void get(long offset, float[] dst, int first, int n) {
        FloatBuffer[] segments = segments();
        int at = 0;
        while (at < n) {
            int inSegment = (int) ((offset + at) & (SEGMENT - 1));
            int part = (int) Math.min(n - at, SEGMENT - inSegment);
            segments[(int) ((offset + at) >>> SEGMENT_BITS)].get(inSegment, dst, first + at, part);
            at += part;
        }
    }

    /** Copies src[0..n) to the offset. */
    public void put(long offset, float[] src, int n) {
        put(offset, src, 0, n);
    }

    /** Copies src[first..first + n) to the offset. */
    public void put(long offset, float[] src, int first, int n) {
        FloatBuffer[] segments = segments();
        int at = 0;
        while (at < n) {
            int inSegment = (int) ((offset + at) & (SEGMENT - 1));
            int part = (int) Math.min(n - at, SEGMENT - inSegment);
            segments[(int) ((offset + at) >>> SEGMENT_BITS)].put(inSegment, src, first + at, part);
            at += part;
        }
    }

    /** Writes n floats src[first..first + n) to offset, offset + step, and so on. */
    public void scatter(long offset, int step, float[] src, int first, int n) {
        FloatBuffer[] segments = segments();
        for (int i = 0; i < n; i++) {
            long to = offset + (long) i * step;
            segments[(int) (to >>> SEGMENT_BITS)].put((int) (to & (SEGMENT - 1)), src[first + i]);
        }
    }
}
