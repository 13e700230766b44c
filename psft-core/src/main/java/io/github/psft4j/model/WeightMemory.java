package io.github.psft4j.model;

import java.lang.ref.Cleaner;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.bytedeco.javacpp.indexer.Indexer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arrays for weights that are read from files, in memory that nobody has touched yet.
 *
 * <p>{@code Nd4j.createUninitialized} of 1.0.0-M2.1 fills with zeros: one thread gets all pages from the system before
 * the first weight is read. Here the workers get them, each for what it reads.
 */
final class WeightMemory {

    private static final Cleaner CLEANER = Cleaner.create();

    private WeightMemory() {}

    /**
     * An array of undefined content, in 'c' order and outside workspaces. The memory is freed when the collector finds
     * that no array uses it.
     *
     * @throws OutOfMemoryError if the system refuses the memory
     */
    static INDArray unfilled(DataType type, long... shape) {
        boolean cpu = Nd4j.getExecutioner().type() == OpExecutioner.ExecutionerType.NATIVE_CPU;
        if (!cpu || type != DataType.FLOAT && type != DataType.DOUBLE) {
            return Nd4j.createUninitialized(type, shape, 'c');
        }
        long length = 1;
        for (long size : shape) {
            length = Math.multiplyExact(length, size);
        }
        return Nd4j.create(buffer(type, length), shape, Nd4j.getStrides(shape, 'c'), 0, 'c', type);
    }

    private static DataBuffer buffer(DataType type, long length) {
        // Not allocated by the constructors of pointers: those count against a limit that ND4J's arrays do not have.
        Pointer memory = Pointer.malloc(Math.multiplyExact(length, type.width()));
        if (memory == null || memory.isNull()) {
            throw new OutOfMemoryError("no memory for " + length + " weights of type " + type);
        }
        Pointer typed;
        Indexer indexer;
        if (type == DataType.FLOAT) {
            FloatPointer floats = new FloatPointer(memory).capacity(length);
            indexer = FloatIndexer.create(floats);
            typed = floats;
        } else {
            DoublePointer doubles = new DoublePointer(memory).capacity(length);
            indexer = DoubleIndexer.create(doubles);
            typed = doubles;
        }
        DataBuffer buffer = Nd4j.createBuffer(typed, type, length, indexer);
        CLEANER.register(buffer, () -> Pointer.free(memory));
        return buffer;
    }
}
