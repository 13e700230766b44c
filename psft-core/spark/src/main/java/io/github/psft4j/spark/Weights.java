package io.github.psft4j.spark;

import java.io.Serializable;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The trained weights of a model at one moment. Every copy has a number of its own, by which a replica knows whether it
 * has them already.
 */
final class Weights implements Serializable {

    private static final long serialVersionUID = 1L;

    private static final AtomicLong COPIES = new AtomicLong();

    private final long version;
    private final float[] values; // [P]

    /** A copy of what a model trains now. In local mode tasks see this array itself: nobody writes to it. */
    Weights(INDArray parameters) {
        this.version = COPIES.incrementAndGet();
        this.values = floats(parameters);
    }

    long version() {
        return version;
    }

    void copyTo(INDArray parameters) {
        pointer(parameters).put(values, 0, values.length);
    }

    /** The elements of a dense vector in FLOAT. */
    static float[] floats(INDArray vector) {
        float[] out = new float[Math.toIntExact(vector.length())];
        pointer(vector).get(out, 0, out.length);
        return out;
    }

    /** A dense vector of these elements. */
    static INDArray array(float[] values) {
        return Nd4j.createFromArray(values);
    }

    private static FloatPointer pointer(INDArray vector) {
        return new FloatPointer(vector.data().addressPointer());
    }
}
