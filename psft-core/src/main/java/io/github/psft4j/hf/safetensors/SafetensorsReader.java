package io.github.psft4j.hf.safetensors;

import io.github.psft4j.hf.ForeignFiles;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.io.FileCall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads a <a href="https://github.com/huggingface/safetensors">safetensors</a> file.
 *
 * <p>{@link #open} checks the whole header. Numbers are read on request, in chunks and at 64-bit positions of the file.
 * So neither a file nor a tensor is ever held a second time. The file is read, not mapped: a mapping would lock it
 * against replacement on Windows and would crash the process if somebody truncated it.
 *
 * <pre>{@code
 * try (SafetensorsReader weights = SafetensorsReader.open(dir.resolve("model.safetensors"))) {
 *     weights.readInto("model.norm.weight", graph.getParam("norm_g"));
 * }
 * }</pre>
 *
 * <p>Every method throws {@link ModelFormatException} for a file that breaks a rule and {@link UncheckedIOException} if
 * the device fails. One reader may be used by several threads. An interrupt during a read closes the file, as for every
 * {@link FileChannel}.
 */
public final class SafetensorsReader implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final SafetensorsHeader header;
    private final long dataStart;

    private SafetensorsReader(Path file, FileChannel channel, SafetensorsHeader header, long dataStart) {
        this.file = file;
        this.channel = channel;
        this.header = header;
        this.dataStart = dataStart;
    }

    /**
     * Opens a file and checks its header.
     *
     * @param file a {@code .safetensors} file
     * @return a reader, to be closed
     * @throws ModelFormatException if the file is missing or breaks a rule of the format
     */
    public static SafetensorsReader open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw ModelFormatException.of(file, "no such file; expected the weights of a model in safetensors format");
        }
        FileChannel channel = null;
        SafetensorsReader reader = null;
        try {
            channel = FileChannel.open(file);
            reader = open(file, channel);
            return reader;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e, e);
        } finally {
            if (reader == null && channel != null) {
                close(file, channel);
            }
        }
    }

    private static SafetensorsReader open(Path file, FileChannel channel) throws IOException {
        long fileLength = channel.size();
        if (fileLength < 8) {
            throw ModelFormatException.of(
                    file, "has " + fileLength + " bytes; safetensors starts with 8 of header length: fetch it again");
        }
        ByteBuffer prefix = littleEndian(8);
        readFully(file, channel, prefix, 0);
        long headerLength = prefix.getLong(0); // unsigned in the format: a negative one is too large as well
        if (headerLength < 0 || headerLength > SafetensorsHeader.MAX_BYTES) {
            ByteBuffer head = littleEndian((int) Math.min(fileLength, 64));
            readFully(file, channel, head, 0);
            ForeignFiles.refusePointer(file, head.array());
            throw ModelFormatException.of(
                    file,
                    "header length " + Long.toUnsignedString(headerLength) + " exceeds " + SafetensorsHeader.MAX_BYTES
                            + ": not a safetensors file, or a damaged one");
        }
        if (headerLength > fileLength - 8) {
            throw ModelFormatException.of(
                    file,
                    "header length " + headerLength + " goes beyond the end of the file (" + fileLength
                            + " bytes): truncated, fetch it again");
        }
        ByteBuffer json = littleEndian((int) headerLength);
        readFully(file, channel, json, 8);
        if (headerLength == 0 || json.get(0) != '{') {
            throw ModelFormatException.of(file, "header does not start with '{': not a safetensors file");
        }
        long dataStart = 8 + headerLength;
        return new SafetensorsReader(
                file, channel, SafetensorsHeader.parse(file, json.array(), fileLength - dataStart), dataStart);
    }

    /** @return names of the tensors, in the order of the header; unmodifiable */
    public Set<String> names() {
        return header.tensors().keySet();
    }

    /**
     * @param name a tensor's name
     * @return its type, shape and place
     * @throws ModelFormatException if the file has no such tensor
     */
    public TensorInfo info(String name) {
        TensorInfo info = header.tensors().get(name);
        if (info == null) {
            throw ModelFormatException.of(
                    file,
                    "no tensor '" + name + "' among its " + names().size() + " (the first: "
                            + names().stream().limit(3).toList()
                            + "); are config.json and the weights from the same model?");
        }
        return info;
    }

    /** @return the text pairs of {@code __metadata__}, empty if there are none; unmodifiable */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /**
     * Copies a floating-point tensor into an existing array, converting F64, F32, F16 and BF16 to the array's type;
     * BFLOAT16 is the nearest, ties to even.
     *
     * @param name a tensor's name
     * @param target FLOAT, DOUBLE or BFLOAT16, any strides, e.g. a view into a network's flat parameters; its shape
     *     must be the tensor's, up to dimensions of size 1
     * @throws ModelFormatException if there is no such tensor, or its type or shape does not fit
     * @throws IllegalArgumentException if the array is of another type
     */
    public void readInto(String name, INDArray target) {
        if (!TensorMemory.holds(target.dataType())) {
            throw new IllegalArgumentException("target of '" + name + "' is " + target.dataType()
                    + "; FLOAT, DOUBLE and BFLOAT16 can be read into");
        }
        TensorInfo info = floating(name);
        if (!Arrays.equals(withoutOnes(info.shape()), withoutOnes(target.shape()))) {
            throw ModelFormatException.of(
                    file,
                    "tensor '" + name + "' has shape " + Arrays.toString(info.shape()) + ", the model needs "
                            + Arrays.toString(target.shape())
                            + "; are config.json and the weights from the same model?");
        }
        if (info.elements() > 0) {
            readInto(info, TensorMemory.of(target));
        }
    }

    void readInto(TensorInfo info, TensorMemory target) {
        if (info.dtype() == DType.BF16 && target.bfloat16s(0, 0) != null) { // the bits as they are
            for (long start = 0; start < info.elements(); start += TensorMemory.CHUNK) {
                int n = (int) Math.min(TensorMemory.CHUNK, info.elements() - start);
                readFully(file, channel, target.bfloat16s(start, n), dataStart + info.begin() + start * Short.BYTES);
            }
            return;
        }
        forEachChunk(info, target::put);
        target.flush();
    }

    /**
     * @param name name of a floating-point tensor
     * @return its elements in 'c' order, rounded to float if it is F64
     */
    public float[] readFloats(String name) {
        TensorInfo info = floating(name);
        float[] values = new float[arrayLength(info)];
        forEachChunk(info, (start, chunk, n) -> {
            for (int i = 0; i < n; i++) {
                values[(int) start + i] = (float) chunk[i];
            }
        });
        return values;
    }

    /**
     * @param name name of a floating-point tensor
     * @return its elements in 'c' order
     */
    public double[] readDoubles(String name) {
        TensorInfo info = floating(name);
        double[] values = new double[arrayLength(info)];
        forEachChunk(info, (start, chunk, n) -> System.arraycopy(chunk, 0, values, (int) start, n));
        return values;
    }

    /**
     * @param name name of an integer or BOOL tensor
     * @return its elements in 'c' order, BOOL as 0 and 1
     * @throws ModelFormatException if an I64 element does not fit into 32 bits
     */
    public int[] readInts(String name) {
        long[] values = readLongs(name);
        int[] ints = new int[values.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = (int) values[i];
            if (ints[i] != values[i]) {
                throw ModelFormatException.of(
                        file, "tensor '" + name + "': element " + i + " is " + values[i] + "; use readLongs");
            }
        }
        return ints;
    }

    /**
     * @param name name of an integer or BOOL tensor
     * @return its elements in 'c' order, BOOL as 0 and 1
     */
    public long[] readLongs(String name) {
        TensorInfo info = info(name);
        if (info.dtype().isFloating()) {
            throw ModelFormatException.of(file, "tensor '" + name + "' is " + info.dtype() + ", not an integer type");
        }
        long[] values = new long[arrayLength(info)];
        int width = info.dtype().bytes();
        ByteBuffer bytes = littleEndian(TensorMemory.CHUNK * width);
        for (long start = 0; start < values.length; start += TensorMemory.CHUNK) {
            int n = (int) Math.min(TensorMemory.CHUNK, values.length - start);
            readFully(file, channel, bytes.clear().limit(n * width), dataStart + info.begin() + start * width);
            for (int i = 0; i < n; i++) {
                values[(int) start + i] = integer(info, bytes, i);
            }
        }
        return values;
    }

    private long integer(TensorInfo info, ByteBuffer bytes, int i) {
        return switch (info.dtype()) {
            case I64 -> bytes.getLong(8 * i);
            case I32 -> bytes.getInt(4 * i);
            case I16 -> bytes.getShort(2 * i);
            case I8 -> bytes.get(i);
            case U8 -> bytes.get(i) & 0xff;
            case BOOL -> bytes.get(i) == 0 ? 0 : 1;
            default -> throw new IllegalArgumentException(info.dtype() + " is not an integer type");
        };
    }

    /** Copies the elements [start, start + n) of a floating-point tensor to the beginning of an array. */
    void read(String name, long start, double[] into, int n) {
        TensorInfo info = floating(name);
        int width = info.dtype().bytes();
        ByteBuffer bytes = littleEndian(n * width);
        readFully(file, channel, bytes, dataStart + info.begin() + start * width);
        FloatCodec.decode(bytes, info.dtype(), into, n);
    }

    /** Closes the file. */
    @Override
    public void close() {
        close(file, channel);
    }

    private static void close(Path file, FileChannel channel) {
        FileCall.run("cannot close " + file, channel::close);
    }

    /** {@code chunk[0..n)} are the elements from position {@code start}. */
    private interface ChunkConsumer {
        void accept(long start, double[] chunk, int n);
    }

    private void forEachChunk(TensorInfo info, ChunkConsumer consumer) {
        int width = info.dtype().bytes();
        int capacity = (int) Math.min(TensorMemory.CHUNK, info.elements());
        ByteBuffer bytes = littleEndian(capacity * width);
        double[] chunk = new double[capacity];
        for (long start = 0; start < info.elements(); start += capacity) {
            int n = (int) Math.min(capacity, info.elements() - start);
            readFully(file, channel, bytes.clear().limit(n * width), dataStart + info.begin() + start * width);
            FloatCodec.decode(bytes, info.dtype(), chunk, n);
            consumer.accept(start, chunk, n);
        }
    }

    private static void readFully(Path file, FileChannel channel, ByteBuffer into, long position) {
        try {
            while (into.hasRemaining()) {
                int count = channel.read(into, position);
                if (count < 0) {
                    throw ModelFormatException.of(file, "ended at byte " + position + ": truncated while being read");
                }
                position += count;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e, e);
        }
    }

    private TensorInfo floating(String name) {
        TensorInfo info = info(name);
        if (!info.dtype().isFloating()) {
            throw ModelFormatException.of(
                    file, "tensor '" + name + "' is " + info.dtype() + ", where a floating-point type is needed");
        }
        return info;
    }

    private int arrayLength(TensorInfo info) {
        if (info.elements() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(file + ": tensor '" + info.name() + "' has " + info.elements()
                    + " elements, too many for a Java array; use readInto");
        }
        return (int) info.elements();
    }

    private static long[] withoutOnes(long[] shape) {
        return Arrays.stream(shape).filter(size -> size != 1).toArray();
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
