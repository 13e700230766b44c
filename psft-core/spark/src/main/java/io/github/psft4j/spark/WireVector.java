package io.github.psft4j.spark;

import java.io.Serializable;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A dense vector of floats on its way: as it is, or rounded to bfloat16. It holds the bytes as they lie in memory. Java
 * serialisation copies these in blocks, where it converts an array of floats one by one. All processors that the
 * kernels know have the same order of bytes.
 */
final class WireVector implements Serializable {

    private static final long serialVersionUID = 1L;

    /** As long as a piece of Spark's broadcasts. */
    private static final int PIECE_BYTES = 4 << 20;

    private final long length; // elements, P
    private final boolean half; // bfloat16
    private final byte[][] pieces;

    /** A copy of a vector in FLOAT. */
    WireVector(INDArray vector, Wire wire) {
        length = vector.length();
        half = wire == Wire.BF16;
        pieces = new byte[Math.toIntExact((bytes() + PIECE_BYTES - 1) / PIECE_BYTES)][];
        if (!half) {
            read(vector);
            return;
        }
        try (INDArray rounded = vector.castTo(DataType.BFLOAT16)) {
            read(rounded);
        }
    }

    /** On the wire. */
    long bytes() {
        return length * (half ? Wire.BF16 : Wire.F32).bytes();
    }

    /** Writes the elements to a dense vector in FLOAT. */
    void copyTo(INDArray vector) {
        if (vector.length() != length) {
            throw new IllegalArgumentException(
                    "a vector of " + length + " elements does not fit one of " + vector.length());
        }
        if (!half) {
            write(vector);
            return;
        }
        try (INDArray rounded = Nd4j.createUninitialized(DataType.BFLOAT16, length)) {
            write(rounded);
            vector.assign(rounded);
        }
    }

    private void read(INDArray vector) {
        BytePointer from = bytes(vector);
        for (int i = 0; i < pieces.length; i++) {
            long start = (long) i * PIECE_BYTES;
            pieces[i] = new byte[(int) Math.min(PIECE_BYTES, bytes() - start)];
            from.position(start).get(pieces[i], 0, pieces[i].length);
        }
    }

    private void write(INDArray vector) {
        BytePointer to = bytes(vector);
        for (int i = 0; i < pieces.length; i++) {
            to.position((long) i * PIECE_BYTES).put(pieces[i], 0, pieces[i].length);
        }
    }

    /** Memory of a vector by its address, which, unlike that of its buffer, has the offset of a view. */
    private static BytePointer bytes(INDArray vector) {
        long first = vector.data().addressPointer().address();
        return new BytePointer(new Pointer() {
            {
                address = first;
            }
        });
    }
}
