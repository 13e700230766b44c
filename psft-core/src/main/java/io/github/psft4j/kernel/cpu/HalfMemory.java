package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.random.StochasticRounding;
import org.bytedeco.javacpp.ShortPointer;
import org.bytedeco.javacpp.indexer.ShortIndexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The off-heap numbers of a dense BFLOAT16 array, read and written as floats. */
final class HalfMemory {

    private final Object owner; // keeps the memory from being freed
    private final ShortIndexer bits;

    private HalfMemory(INDArray array) {
        owner = array;
        bits = ShortIndexer.create(
                new ShortPointer(array.data().addressPointer()).capacity(array.length())); // includes a view's offset
    }

    /** Memory of an array of type BFLOAT16; anything else is refused. */
    static HalfMemory of(INDArray array) {
        if (array.dataType() != DataType.BFLOAT16 || array.length() > 1 && array.elementWiseStride() != 1) {
            throw new IllegalArgumentException("dense BFLOAT16 arrays are needed, got " + array.shapeInfoToString());
        }
        return new HalfMemory(array);
    }

    /** The array. */
    Object owner() {
        return owner;
    }

    /** Copies n numbers from the offset into out. */
    void get(long offset, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = StochasticRounding.value(bits.get(offset + i));
        }
    }

    /**
     * Rounds in[0..n) to the offset.
     *
     * @param shift 0 for the lower random bits of a place, 16 for the upper
     */
    void put(long offset, float[] in, int n, StochasticRounding rounding, int shift) {
        int key = rounding.key();
        for (int i = 0; i < n; i++) {
            int random = StochasticRounding.bits(key, rounding.from() + offset + i) >>> shift;
            bits.put(offset + i, StochasticRounding.round(in[i], random));
        }
    }
}
