package io.github.psft4j.kernel.cpu.gemm;

import java.nio.ShortBuffer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.ShortPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The off-heap numbers of a dense 'c' array of type BFLOAT16, such as a frozen weight. It holds on to its array, as
 * {@link FloatMemory} does.
 */
public final class Bf16Array implements NativeMemory {

    /** A direct buffer ends at 2 GiB, so memory is cut into segments of this many numbers. */
    private static final int SEGMENT_BITS = 28;

    private static final long SEGMENT = 1L << SEGMENT_BITS;

    private final INDArray owner;
    private final long address;
    private volatile ShortBuffer[] buffers; // products in bfloat16 need none, so they are made on demand

    private Bf16Array(INDArray owner) {
        this.owner = owner;
        this.address = owner.data().addressPointer().address();
    }

    /** Whether an array holds bfloat16 numbers. */
    public static boolean is(INDArray array) {
        return array.dataType() == DataType.BFLOAT16;
    }

    /** Memory of an array of type BFLOAT16 in dense 'c' order; anything else is refused. */
    public static Bf16Array of(INDArray array) {
        return (Bf16Array) FloatMemory.kept(array, Bf16Array::create);
    }

    private static Bf16Array create(INDArray array) {
        boolean ordered = array.rank() < 2 || array.ordering() == 'c';
        if (!is(array) || (array.length() > 1 && (!ordered || array.elementWiseStride() != 1))) {
            throw new IllegalArgumentException("a dense 'c' array of BFLOAT16 is needed, got " + array.dataType() + " "
                    + array.shapeInfoToString());
        }
        return new Bf16Array(array);
    }

    @Override
    public long address(long offset) {
        return address + offset * Short.BYTES;
    }

    /** Copies the bits of n numbers from the offset into dst[0..n). */
    public void get(long offset, short[] dst, int n) {
        get(offset, dst, 0, n);
    }

    /** Copies the bits of n numbers from the offset into dst[to..to + n). */
    public void get(long offset, short[] dst, int to, int n) {
        ShortBuffer[] segments = segments();
        int at = 0;
        while (at < n) {
            int inSegment = (int) ((offset + at) & (SEGMENT - 1));
            int part = (int) Math.min(n - at, SEGMENT - inSegment);
            segments[(int) ((offset + at) >>> SEGMENT_BITS)].get(inSegment, dst, to + at, part);
            at += part;
        }
    }

    /** Buffers over the segments. Two threads may both make them: equal ones, of which one set stays. */
    private ShortBuffer[] segments() {
        ShortBuffer[] made = buffers;
        if (made == null) {
            long length = owner.length();
            made = new ShortBuffer[(int) ((length + SEGMENT - 1) >>> SEGMENT_BITS)];
            for (int i = 0; i < made.length; i++) {
                long from = i * SEGMENT;
                made[i] = new ForeignShorts(address(from), Math.min(SEGMENT, length - from)).asBuffer();
            }
            buffers = made;
        }
        return made;
    }

    /** Pointer to memory that the array owns and keeps alive. */
    private static final class ForeignShorts extends ShortPointer {
        ForeignShorts(long address, long n) {
            super((Pointer) null);
            this.address = address;
            this.limit = n;
            this.capacity = n;
        }
    }
}
