package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.flat;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Sums over rows or columns by products, many times faster than ND4J's reductions. */
public final class Nd4jSums {

    private static final int ALIGNMENT = 16; // bytes, of two doubles that are added at once

    private Nd4jSums() {}

    /** {@code sums[i] = sum over j of x[i, j]}, with x {@code [n, D]}, sums {@code [n, 1]}. */
    static void ofColumns(INDArray x, INDArray sums, Nd4jTemporaries tmp) {
        matrixVector(x, false, tmp.ones(x.size(1)), 1, sums);
    }

    /** {@code sums[j] = sum over i of x[i, j]}, with x {@code [n, D]}, sums {@code [D]}. */
    public static void ofRows(INDArray x, INDArray sums, Nd4jTemporaries tmp) {
        matrixVector(x, true, tmp.ones(x.size(0)), 1, sums);
    }

    /**
     * {@code y = alpha x v}, or {@code alpha xᵀ v}, with x {@code [n, D]}. For a vector of rank 1, matmul calls BLAS's
     * gemv, which is 3 to 8 times as fast as a product with a column.
     */
    static void matrixVector(INDArray x, boolean transpose, INDArray v, double alpha, INDArray y) {
        Nd4jCalls.matmul(aligned(x), transpose, flat(v), false, alpha, 0, flat(y));
    }

    /**
     * The same numbers at an address that is a multiple of 16. On processors that OpenBLAS 0.3.19 does not know, its
     * dgemv adds in another order when the matrix begins 8 bytes behind such an address.
     */
    private static INDArray aligned(INDArray x) {
        long address = x.data().address() + x.offset() * Double.BYTES;
        boolean odd = x.dataType() == DataType.DOUBLE && address % ALIGNMENT != 0;
        return odd ? Nd4j.createUninitialized(x.dataType(), x.shape(), 'c').assign(x) : x;
    }
}
