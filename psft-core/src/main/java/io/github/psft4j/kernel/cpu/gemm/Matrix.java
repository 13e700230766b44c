package io.github.psft4j.kernel.cpu.gemm;

import java.lang.ref.Reference;

/**
 * A row-major matrix inside native memory, as a product reads or writes it.
 *
 * <p>It is set before every product and reused, so that products allocate nothing. A product releases its matrices: a
 * thread must not keep arrays alive that nobody else uses.
 */
public final class Matrix {

    final ForeignFloats first = new ForeignFloats(); // alive until the release
    int stride; // numbers from one row to the next
    boolean transposed;
    private NativeMemory memory;

    /** The matrix whose rows begin at the offset and lie {@code rowStride} numbers apart. */
    public Matrix at(NativeMemory from, long offset, int rowStride) {
        memory = from;
        first.at(from.address(offset));
        stride = rowStride;
        transposed = false;
        return this;
    }

    /** The transpose of the matrix whose rows begin at the offset and lie {@code rowStride} numbers apart. */
    public Matrix transposed(NativeMemory from, long offset, int rowStride) {
        at(from, offset, rowStride).transposed = true;
        return this;
    }

    /** Lets go of the memory of a product's matrices. */
    static void release(Matrix a, Matrix b, Matrix c) {
        Reference.reachabilityFence(a.memory);
        Reference.reachabilityFence(b.memory);
        Reference.reachabilityFence(c.memory);
        a.memory = null;
        b.memory = null;
        c.memory = null;
    }
}
