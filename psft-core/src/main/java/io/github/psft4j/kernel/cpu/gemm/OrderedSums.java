package io.github.psft4j.kernel.cpu.gemm;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Products of which every output is one sum in order, by oneDNN's kernels for AVX2. One per thread.
 *
 * <p>These kernels take six rows and 16 columns at a time, and sum by fused multiply-adds in order. They have other
 * orders for a rest of one to three rows or one to eight columns. Such rests are multiplied apart here, between rows or
 * columns of zeros, so that the bits of an output do not depend on how many others there are.
 */
final class OrderedSums {

    /** Terms of {@code x wᵀ} that every kernel sums at a time. */
    private static final int TERMS = 256;

    /** The same of {@code aᵀ b}. */
    private static final int TERMS_TRANSPOSED = 96;

    /** Rows and columns of a kernel, and the largest rest that has an order of its own. */
    private static final int ROWS = 6;

    private static final int ROWS_APART = 3;
    private static final int COLUMNS = 16;
    private static final int COLUMNS_APART = 8;

    /** Up to so many rows there is one rest; oneDNN cuts more into parts, without rests in multiples of twelve. */
    private static final int UNCUT = 72;

    private static final int CUT = 12;

    /** oneDNN copies matrices of m x n for larger kernels, which have no rests, where 1/m + 1/n is below it. */
    private static final double COPIED = 0.0038;

    /** A product in one call. */
    interface Product {
        void run(int m, int n, int k, float alpha, Matrix a, Matrix b, float beta, Matrix c);
    }

    private final Product product;
    private final Part left = new Part();
    private final Part right = new Part();
    private final Part belowOut = new Part();
    private final Part besideOut = new Part();

    OrderedSums(Product product) {
        this.product = product;
    }

    /** Whether the product is {@code x wᵀ}, or {@code aᵀ b} of few terms, such as attention to few keys. */
    static boolean suits(int k, Matrix a, Matrix b) {
        return k > 0 && (a.transposed ? !b.transposed && k <= TERMS_TRANSPOSED : b.transposed);
    }

    /** Terms of {@code x wᵀ} that are summed in one call, of k in all: blocks of about the same length. */
    static int block(int k) {
        int blocks = Math.max(1, (k + TERMS - 1) / TERMS);
        return Math.max(1, (k + blocks - 1) / blocks);
    }

    /** {@code c = alpha op(a) op(b) + beta c} for a product that {@link #suits}, k at most {@value #TERMS}. */
    void run(int m, int n, int k, float alpha, Matrix a, Matrix b, float beta, Matrix c) {
        int rest = n % COLUMNS;
        int columns = rest > COLUMNS_APART ? 0 : rest;
        int wide = n - columns;
        if (wide > 0) {
            rows(m, wide, k, alpha, a, b, beta, c);
        }
        if (columns > 0) {
            int filled = COLUMNS_APART + 1;
            Matrix some = b.transposed
                    ? right.of(b, (long) wide * b.stride, columns, k, filled, k)
                    : right.of(b, wide, k, columns, k, filled);
            Matrix sums = besideOut.of(c, wide, beta == 0 ? 0 : m, columns, m, filled);
            rows(m, filled, k, alpha, a, some, beta, sums);
            besideOut.to(c, wide, m, columns);
        }
    }

    private void rows(int m, int n, int k, float alpha, Matrix a, Matrix b, float beta, Matrix c) {
        boolean whole = m <= UNCUT && m % ROWS != 0 && m % ROWS > ROWS_APART || 1.0 / m + 1.0 / n < COPIED;
        int high = whole ? m : m - m % CUT;
        if (high > 0) {
            product.run(high, n, k, alpha, a, b, beta, c);
        }
        int rows = m - high;
        if (rows > 0) {
            int rest = rows % ROWS;
            int filled = rest == 0 || rest > ROWS_APART ? rows : rows - rest + ROWS_APART + 1;
            long at = (long) high * c.stride;
            Matrix some = a.transposed
                    ? left.of(a, high, k, rows, k, filled)
                    : left.of(a, (long) high * a.stride, rows, k, filled, k);
            Matrix sums = belowOut.of(c, at, beta == 0 ? 0 : rows, n, filled, n);
            product.run(filled, n, k, alpha, some, b, beta, sums);
            belowOut.to(c, at, rows, n);
        }
    }

    /** A dense copy of a part of a matrix, with zeros below and beside it. */
    private static final class Part {
        private final Matrix matrix = new Matrix();
        private final ForeignFloats there = new ForeignFloats();
        private final ForeignFloats here = new ForeignFloats();
        private FloatPointer memory = new FloatPointer();

        Matrix of(Matrix from, long offset, int rows, int columns, int allRows, int allColumns) {
            long size = (long) allRows * allColumns;
            if (memory.capacity() < size) {
                memory.close();
                memory = new FloatPointer(size);
            }
            Pointer.memset(memory, 0, size * Float.BYTES);
            matrix.first.at(memory.address());
            matrix.stride = allColumns;
            matrix.transposed = from.transposed;
            for (int i = 0; i < rows; i++) {
                place(from, offset, i);
                Pointer.memcpy(here, there, (long) columns * Float.BYTES);
            }
            return matrix;
        }

        /** Copies rows back. */
        void to(Matrix to, long offset, int rows, int columns) {
            for (int i = 0; i < rows; i++) {
                place(to, offset, i);
                Pointer.memcpy(there, here, (long) columns * Float.BYTES);
            }
        }

        private void place(Matrix other, long offset, int row) {
            there.at(other.first.address() + (offset + (long) row * other.stride) * Float.BYTES);
            here.at(memory.address() + (long) row * matrix.stride * Float.BYTES);
        }
    }
}
