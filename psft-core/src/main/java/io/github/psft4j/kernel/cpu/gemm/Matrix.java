package io.github.psft4j.kernel.cpu.gemm;

import java.lang.ref.Reference;
import org.bytedeco.javacpp.FloatPointer;

/**
 * A row-major matrix inside native memory, as a product reads or writes it.
 *
 * <p>It is set before every product and reused, so that products allocate nothing. A product releases its matrices: a thread
 * must not keep arrays alive that nobody else uses.
 */
public final class Matrix<M extends NativeMemory> {

    private final ForeignFloats pointer = new ForeignFloats();
    private M memory;
    private int stride;
    private boolean transposed;

    /** The matrix whose rows begin at the offset and lie {@code stride} numbers apart. */
    public Matrix<M> at(M from, long offset, int rowStride) {
        return set(from, offset, rowStride, false);
    }

    /** The transpose of the matrix whose rows begin at the offset and lie {@code stride} numbers apart. */
    public Matrix<M> transposed(M from, long offset, int rowStride) {
        return set(from, offset, rowStride, true);
    }

    private Matrix<M> set(M from, long offset, int rowStride, boolean transpose) {
        memory = from;
        pointer.at(from.address(offset));
        stride = rowStride;
        transposed = transpose;
        return this;
    }

    /** The first number; alive until {@link #release}. */
    FloatPointer pointer() {
        return pointer;
    }

    long address() {
        return pointer.address();
    }

    int stride() {
        return stride;
    }

    boolean isTransposed() {
        return transposed;
    }

    /** Moves to the next row. */
    void nextRow() {
        pointer.at(pointer.address() + (long) stride * Float.BYTES);
    }

    /** Lets go of the memory. */
    void release() {
        Reference.reachabilityFence(memory);
        memory = null;
    }
}
