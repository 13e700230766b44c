package io.github.psft4j.transformer.generation;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Working memory for passes over different numbers of rows. The i-th array of every pass is a view of the i-th block of
 * memory, which is as large as the largest pass needs. Passes overwrite each other.
 */
final class GenerationArrays {

    private final DataType type;
    private final List<INDArray> blocks = new ArrayList<>(); // flat
    private int next;

    GenerationArrays(DataType type) {
        this.type = type;
    }

    /** The next array belongs to a new pass. */
    void startPass() {
        next = 0;
    }

    /** An uninitialised dense array. */
    INDArray array(long... shape) {
        long n = ArrayUtil.prodLong(shape);
        if (next == blocks.size()) {
            blocks.add(Nd4j.createUninitialized(type, new long[] {n}, 'c'));
        } else if (blocks.get(next).length() < n) {
            blocks.set(next, Nd4j.createUninitialized(type, new long[] {n}, 'c'));
        }
        INDArray block = blocks.get(next++);
        INDArray part = block.length() == n ? block : block.get(NDArrayIndex.interval(0, n));
        return part.reshape('c', shape);
    }
}
