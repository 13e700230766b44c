package io.github.psft4j.hf.safetensors;

import io.github.psft4j.io.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes a <a href="https://github.com/huggingface/safetensors">safetensors</a> file.
 *
 * <p>Tensors lie in the order of their names and the data starts at a multiple of 8. The bytes are therefore those that
 * the reference implementation writes for the same tensors. The file is streamed in chunks to a temporary sibling,
 * flushed to the device and renamed. If anything fails, an existing file stays as it was and the temporary one is
 * removed.
 */
public final class SafetensorsWriter {
    private SafetensorsWriter() {}

    /**
     * Writes all tensors with one element type.
     *
     * @param file file to create or replace; its directory must exist
     * @param tensors FLOAT or DOUBLE arrays by name, of any strides; written in 'c' order
     * @param dtype F64, F32, F16 or BF16; rounding is to nearest, ties to even. NaN and infinities are kept
     * @param metadata text pairs for the header, sorted by key; may be empty. transformers expects {@code format = pt}
     * @throws IllegalArgumentException if an array, a name or the type cannot be written, or if a finite value would
     *     become infinite in {@code dtype}
     * @throws java.io.UncheckedIOException if the device fails
     */
    public static void write(Path file, Map<String, INDArray> tensors, DType dtype, Map<String, String> metadata) {
        if (!dtype.isFloating()) {
            throw new IllegalArgumentException(dtype + " cannot be written; use F32, F64, F16 or BF16");
        }
        Map<String, INDArray> sorted = new TreeMap<>(tensors);
        byte[] header = header(sorted, dtype, metadata).toBytes();
        AtomicFile.write(file, channel -> {
            AtomicFile.writeFully(channel, ByteBuffer.wrap(header));
            Chunk chunk = new Chunk(dtype, channel);
            for (Map.Entry<String, INDArray> tensor : sorted.entrySet()) {
                if (!tensor.getValue().isEmpty()) {
                    chunk.write(tensor.getKey(), TensorMemory.of(tensor.getValue()));
                }
            }
        });
    }

    private static SafetensorsHeader header(Map<String, INDArray> tensors, DType dtype, Map<String, String> metadata) {
        metadata.forEach((key, value) -> Objects.requireNonNull(value, () -> "metadata '" + key + "' is null"));
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        long begin = 0;
        for (Map.Entry<String, INDArray> tensor : tensors.entrySet()) {
            String name = tensor.getKey();
            long[] shape = check(name, tensor.getValue()).shape();
            long end = begin + tensor.getValue().length() * dtype.bytes();
            infos.put(name, new TensorInfo(name, dtype, shape, begin, end));
            begin = end;
        }
        return new SafetensorsHeader(infos, new TreeMap<>(metadata)); // Map.of has another order in every JVM
    }

    private static INDArray check(String name, INDArray array) {
        if (name.equals("__metadata__")) {
            throw new IllegalArgumentException("a tensor cannot be called __metadata__: safetensors reserves the name");
        }
        if (array.wasClosed()) {
            throw new IllegalArgumentException("tensor '" + name + "' has been closed");
        }
        if (!TensorMemory.holds(array.dataType())) {
            throw new IllegalArgumentException(
                    "tensor '" + name + "' is " + array.dataType() + "; cast it to FLOAT, DOUBLE or BFLOAT16 first");
        }
        if (array.isEmpty() && array.rank() == 0) {
            throw new IllegalArgumentException("tensor '" + name + "' is empty without a dimension of size 0");
        }
        return array;
    }

    /** Buffers between an array and the file, reused for all tensors. */
    private static final class Chunk {
        private final double[] values = new double[TensorMemory.CHUNK];
        private final ByteBuffer bytes;
        private final DType dtype;
        private final FileChannel channel;

        Chunk(DType dtype, FileChannel channel) {
            this.dtype = dtype;
            this.channel = channel;
            bytes = ByteBuffer.allocate(TensorMemory.CHUNK * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        }

        void write(String name, TensorMemory source) throws IOException {
            long length = source.array.length();
            for (long start = 0; start < length; start += values.length) {
                int n = (int) Math.min(values.length, length - start);
                source.get(start, values, n);
                int overflow = FloatCodec.encode(values, n, dtype, bytes.clear());
                if (overflow >= 0) {
                    throw new IllegalArgumentException("tensor '" + name + "', element " + (start + overflow) + ": "
                            + values[overflow] + " is beyond the range of " + dtype + "; write F32 or F64");
                }
                AtomicFile.writeFully(channel, bytes.limit(n * dtype.bytes()));
            }
        }
    }
}
