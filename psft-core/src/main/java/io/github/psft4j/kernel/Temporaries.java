package io.github.psft4j.kernel;

import java.util.ArrayDeque;
import java.util.Deque;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arrays that live as long as one operation of {@link PortableOps}.
 *
 * <p>Inside a workspace they are laid out in it and go with it. Outside one they are freed on close, because off-heap memory that
 * waits for the garbage collector grows by gigabytes: the Java heap stays small, so the collector does not run.
 */
final class Temporaries implements AutoCloseable {

    private final DataType type;
    private final Deque<INDArray> arrays = new ArrayDeque<>();

    /** Temporaries of the data type of the given array. */
    Temporaries(INDArray like) {
        this.type = like.dataType();
    }

    /** Dense row-major array with any content. */
    INDArray empty(long... shape) {
        return keep(Nd4j.createUninitialized(type, shape, 'c'));
    }

    /** Dense row-major array of zeros. */
    INDArray zeros(long... shape) {
        return keep(Nd4j.create(type, shape, 'c'));
    }

    /** Column {@code [n, 1]} of ones: a product with it sums rows faster and more exactly than ND4J's own reductions. */
    INDArray ones(long n) {
        return empty(n, 1).assign(1);
    }

    /** Vector {@code [n]} with the given numbers, rounded to the data type. */
    INDArray vector(double[] values) {
        return convert(Nd4j.createFromArray(values));
    }

    /** Vector {@code [n]} with the given numbers. */
    INDArray vector(float[] values) {
        return convert(Nd4j.createFromArray(values));
    }

    /** Takes over an array that an ND4J call has allocated. */
    INDArray keep(INDArray array) {
        arrays.push(array);
        return array;
    }

    private INDArray convert(INDArray source) {
        keep(source);
        return source.dataType() == type ? source : keep(source.castTo(type));
    }

    @Override
    public void close() {
        while (!arrays.isEmpty()) {
            INDArray array = arrays.pop();
            if (array.closeable()) {
                array.close();
            }
        }
    }
}
