package io.github.psft4j.spark;

import java.io.Serializable;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.ShortPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A dense vector of floats on its way: as it is, or rounded to bfloat16. */
final class WireVector implements Serializable {

    private static final long serialVersionUID = 1L;

    private final float[] full; // [P]; null in bfloat16
    private final short[] half; // [P], the bits; null in float

    /** A copy of a vector in FLOAT. */
    WireVector(INDArray vector, Wire wire) {
        int n = Math.toIntExact(vector.length());
        if (wire == Wire.F32) {
            full = new float[n];
            half = null;
            floats(vector).get(full, 0, n);
        } else {
            full = null;
            half = new short[n];
            try (INDArray rounded = vector.castTo(DataType.BFLOAT16)) {
                bits(rounded).get(half, 0, n);
            }
        }
    }

    /** Writes the elements to a dense vector in FLOAT. */
    void copyTo(INDArray vector) {
        if (full != null) {
            floats(vector).put(full, 0, full.length);
            return;
        }
        try (INDArray rounded = Nd4j.createUninitialized(DataType.BFLOAT16, half.length)) {
            bits(rounded).put(half, 0, half.length);
            vector.assign(rounded);
        }
    }

    /** The elements as a new vector in FLOAT. */
    INDArray array() {
        INDArray out = Nd4j.createUninitialized(DataType.FLOAT, full == null ? half.length : full.length);
        copyTo(out);
        return out;
    }

    private static FloatPointer floats(INDArray vector) {
        return new FloatPointer(vector.data().addressPointer());
    }

    private static ShortPointer bits(INDArray vector) {
        return new ShortPointer(vector.data().addressPointer());
    }
}
