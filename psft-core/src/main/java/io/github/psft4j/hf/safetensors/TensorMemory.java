package io.github.psft4j.hf.safetensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.ShortPointer;
import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.bytedeco.javacpp.indexer.ShortIndexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The elements of a FLOAT, DOUBLE or BFLOAT16 array, in 'c' order and in chunks, whatever the array's strides and size.
 *
 * <p>On the CPU backend the native memory is read and written in place. On any other backend the array is staged by
 * ND4J operations, because its address is not one of this process. One tensor is then held twice for a moment.
 */
public abstract class TensorMemory {
    /** Elements per chunk: 256 KiB of float, inside the second-level cache. */
    public static final int CHUNK = 1 << 16;

    /** Kept so that the collector cannot free the native memory while an address of it is in use. */
    final INDArray array;

    private TensorMemory(INDArray array) {
        this.array = array;
    }

    /**
     * @param array FLOAT, DOUBLE or BFLOAT16, any strides, at least one element
     * @return direct access on the CPU backend, staged access elsewhere
     */
    public static TensorMemory of(INDArray array) {
        return Nd4j.getExecutioner().type() == OpExecutioner.ExecutionerType.NATIVE_CPU
                ? new Direct(array)
                : new Staged(array);
    }

    /** Whether arrays of this type can be read and written. */
    static boolean holds(DataType type) {
        return type == DataType.FLOAT || type == DataType.DOUBLE || type == DataType.BFLOAT16;
    }

    /** Copies {@code n} elements from position {@code start} to {@code out[0..n)}. */
    public abstract void get(long start, double[] out, int n);

    /** Copies {@code in[0..n)} to {@code n} elements from position {@code start}, rounded to the array's type. */
    abstract void put(long start, double[] in, int n);

    /** The bytes of n bfloat16 numbers from position {@code start}; null for other types, strides and places. */
    ByteBuffer bfloat16s(long start, int n) {
        return null;
    }

    /** Makes what was put visible in the array. */
    abstract void flush();

    /** Loads and stores in native memory. */
    static final class Direct extends TensorMemory {
        private final FloatIndexer floats; // null for another type
        private final DoubleIndexer doubles; // null for another type
        private final ShortIndexer bfloat16s; // null for another type
        private final long[] shape;
        private final long[] stride;

        Direct(INDArray array) {
            super(array);
            boolean dense = isDense(array.shape(), array.stride());
            shape = dense ? new long[] {array.length()} : array.shape();
            stride = dense ? new long[] {1} : array.stride();
            long extent = 1;
            for (int d = 0; d < shape.length; d++) {
                extent += (shape[d] - 1) * stride[d];
            }
            // addressPointer() starts at the view's first element; data().address() would start at its buffer's.
            Pointer base = array.data().addressPointer();
            DataType type = array.dataType();
            floats = type == DataType.FLOAT ? FloatIndexer.create(new FloatPointer(base).capacity(extent)) : null;
            doubles = type == DataType.DOUBLE ? DoubleIndexer.create(new DoublePointer(base).capacity(extent)) : null;
            bfloat16s = type == DataType.BFLOAT16 ? ShortIndexer.create(new ShortPointer(base).capacity(extent)) : null;
        }

        private static boolean isDense(long[] shape, long[] stride) {
            long expected = 1;
            for (int d = shape.length - 1; d >= 0; d--) {
                if (shape[d] != 1 && stride[d] != expected) {
                    return false;
                }
                expected *= shape[d];
            }
            return true;
        }

        @Override
        public void get(long start, double[] out, int n) {
            int last = shape.length - 1;
            long step = stride[last];
            for (int done = 0; done < n; ) {
                long from = offset(start + done);
                int run = run(start + done, n - done);
                if (floats != null) {
                    for (int i = 0; i < run; i++) {
                        out[done + i] = floats.get(from + i * step);
                    }
                } else if (bfloat16s != null) {
                    for (int i = 0; i < run; i++) {
                        out[done + i] = FloatCodec.bfloat16ToFloat(bfloat16s.get(from + i * step));
                    }
                } else {
                    for (int i = 0; i < run; i++) {
                        out[done + i] = doubles.get(from + i * step);
                    }
                }
                done += run;
            }
        }

        @Override
        void put(long start, double[] in, int n) {
            int last = shape.length - 1;
            long step = stride[last];
            for (int done = 0; done < n; ) {
                long from = offset(start + done);
                int run = run(start + done, n - done);
                if (floats != null) {
                    for (int i = 0; i < run; i++) {
                        floats.put(from + i * step, (float) in[done + i]);
                    }
                } else if (bfloat16s != null) {
                    for (int i = 0; i < run; i++) {
                        bfloat16s.put(from + i * step, FloatCodec.bfloat16(in[done + i]));
                    }
                } else {
                    for (int i = 0; i < run; i++) {
                        doubles.put(from + i * step, in[done + i]);
                    }
                }
                done += run;
            }
        }

        @Override
        ByteBuffer bfloat16s(long start, int n) {
            boolean native16 = bfloat16s != null && shape.length == 1 && stride[0] == 1;
            return native16 && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                    ? new Bytes(array.data().addressPointer().address() + start * Short.BYTES, (long) n * Short.BYTES)
                            .asByteBuffer()
                    : null;
        }

        /** Pointer to memory that the array owns and keeps alive. */
        private static final class Bytes extends BytePointer {
            Bytes(long address, long n) {
                super((Pointer) null);
                this.address = address;
                this.limit = n;
                this.capacity = n;
            }
        }

        @Override
        void flush() {
            // every put went to the array itself
        }

        /** Elements from {@code position} to the end of its row of the last dimension, at most {@code limit}. */
        private int run(long position, int limit) {
            long row = shape[shape.length - 1];
            return (int) Math.min(row - position % row, limit);
        }

        /** Distance from the array's first element to the one at {@code position} in 'c' order. */
        private long offset(long position) {
            long offset = 0;
            for (int d = shape.length - 1; d >= 0; d--) {
                offset += position % shape[d] * stride[d];
                position /= shape[d];
            }
            return offset;
        }
    }

    /** Goes through ND4J operations only, for backends whose memory the host cannot address. */
    static final class Staged extends TensorMemory {
        private INDArray flat; // [length], dense copy of the array, made at the first access

        Staged(INDArray array) {
            super(array);
        }

        @Override
        public void get(long start, double[] out, int n) {
            if (flat == null) {
                flat = array.dup('c').reshape('c', new long[] {array.length()}); // ('c', n) would be two ints
            }
            double[] values =
                    chunk(start, n).castTo(DataType.DOUBLE).dup().data().asDouble();
            System.arraycopy(values, 0, out, 0, n);
        }

        @Override
        void put(long start, double[] in, int n) {
            if (flat == null) {
                flat = Nd4j.createUninitialized(array.dataType(), new long[] {array.length()}, 'c');
            }
            chunk(start, n).assign(Nd4j.createFromArray(Arrays.copyOf(in, n)).castTo(array.dataType()));
        }

        @Override
        void flush() {
            if (flat != null) {
                array.assign(flat.reshape('c', array.shape()));
            }
        }

        private INDArray chunk(long start, int n) {
            return flat.get(NDArrayIndex.interval(start, start + n));
        }
    }
}
