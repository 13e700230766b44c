package io.github.psft4j.kernel.cpu.gemm;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A copy of a matrix whose rows lie a multiple of 2 kB (AVX2) or 4 kB apart, with another distance between them. One
 * per thread.
 *
 * <p>A transposed matrix is read down its columns. At such distances the rows share a few sets of the cache, and each
 * line is fetched anew for every few columns. oneDNN copies matrices itself, but not beside a matrix of up to
 * {@value #NARROW} columns: its kernels for AVX2 then read both where they lie, at half the speed, and those for
 * AVX-512 lose some percent. Which kernel it takes depends on the shape, not on distances, so a product of the copy has
 * the same bits.
 */
final class SpreadRows {

    /** Numbers in 2 kB. */
    private static final int UNIT = 512;

    /** Numbers between rows from which on a copy gains: with AVX-512 it costs as much as rows of 2 kB do. */
    private static final int DISTANCE = OneDnn.status().isa().equals("AVX2") ? UNIT : 2 * UNIT;

    /** Widest other matrix beside which the kernels read in place, whatever the rest of the shape. */
    private static final int NARROW = 256;

    /** Narrowest one: beside fewer columns the copy takes too large a part of the product. */
    private static final int LEAST = 32;

    /** Most columns of a copy, which bounds its memory to 6 MB for 192 rows. */
    private static final int MOST = 8192;

    private final Matrix copy = new Matrix();
    private final ForeignFloats from = new ForeignFloats();
    private final ForeignFloats to = new ForeignFloats();
    private FloatPointer memory = new FloatPointer();

    /** Whether a product of m rows, the transpose of columns of a, with n columns gains by a copy of a. */
    static boolean gains(int m, int n, Matrix a) {
        return a.transposed && a.stride % DISTANCE == 0 && m <= MOST && n >= LEAST && n <= NARROW;
    }

    /** The transpose of so many rows and columns of a. */
    Matrix transposed(Matrix a, int rows, int columns) {
        int stride = (columns + UNIT - 1) / UNIT * UNIT + 16; // a line of the cache more
        if (memory.capacity() < (long) rows * stride) {
            memory.close();
            memory = new FloatPointer((long) rows * stride);
        }
        for (int i = 0; i < rows; i++) {
            from.at(a.first.address() + (long) i * a.stride * Float.BYTES);
            to.at(memory.address() + (long) i * stride * Float.BYTES);
            Pointer.memcpy(to, from, (long) columns * Float.BYTES);
        }
        copy.first.at(memory.address());
        copy.stride = stride;
        copy.transposed = true;
        return copy;
    }
}
