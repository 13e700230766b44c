package io.github.psft4j.spark;

import java.io.Serializable;
import java.util.concurrent.atomic.AtomicLong;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The trained weights of a model at one moment. Every copy has a number of its own, by which a replica knows whether it
 * has them already.
 */
final class Weights implements Serializable {

    private static final long serialVersionUID = 1L;

    private static final AtomicLong COPIES = new AtomicLong();

    private final long version;
    private final WireVector values;

    /** A copy of what a model trains now. In local mode tasks see this copy itself: nobody writes to it. */
    Weights(INDArray parameters, Wire wire) {
        this.version = COPIES.incrementAndGet();
        this.values = new WireVector(parameters, wire);
    }

    long version() {
        return version;
    }

    /** On the wire. */
    long bytes() {
        return values.bytes();
    }

    void copyTo(INDArray parameters) {
        values.copyTo(parameters);
    }
}
