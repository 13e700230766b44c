package io.github.psft4j.dl4jzip;

import io.github.psft4j.hf.ModelFormatException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A vector as {@code Nd4j.write} writes it, big-endian:
 *
 * <pre>
 * UTF allocation mode | long 2 rank + 4 | UTF "LONG" | long rank, shape, strides, extras, ews, order
 * UTF allocation mode | long n          | UTF "FLOAT" or "DOUBLE" | n numbers
 * </pre>
 *
 * <p>Read here and not by {@code Nd4j.read}, which makes an array of the length that the file claims before it looks
 * further.
 */
final class Dl4jVector {

    private static final int CHUNK = 1 << 14;
    private static final int MAX_RANK = 2;

    private final Path file;
    private final String name;
    private final ZippedEntry entry;
    private final DataInputStream in;

    Dl4jVector(Path file, String name, ZippedEntry entry) {
        this.file = file;
        this.name = name;
        this.entry = entry;
        this.in = new DataInputStream(entry);
    }

    /**
     * @param maxLength bound on its length
     * @throws ModelFormatException naming what is wrong
     */
    INDArray read(long maxLength) throws IOException {
        try {
            long length = shape();
            if (length > maxLength) {
                throw refused("has " + length + " numbers, more than the " + maxLength + " that are allowed; see"
                        + " Dl4jZip.read(file, maxParameters)");
            }
            in.readUTF();
            long stored = in.readLong();
            DataType type = type(in.readUTF());
            if (stored != length) {
                throw refused("has " + stored + " numbers, but a shape of " + length);
            }
            entry.expectAtMost(Math.multiplyExact(length, type.width()));
            INDArray vector = numbers(length, type);
            entry.expectEnd();
            return vector;
        } catch (EOFException e) {
            throw refused("ends too early");
        }
    }

    /** Length by the shape. */
    private long shape() throws IOException {
        in.readUTF();
        long n = in.readLong();
        String type = in.readUTF();
        if (!type.equals("LONG") || n < 6 || n > 2 * MAX_RANK + 4 || n % 2 != 0) {
            throw refused("has a shape of " + n + " " + type + "; a vector has one of 6 or 8 LONG");
        }
        int rank = (int) (n - 4) / 2;
        long length = 1;
        for (int i = 0; i < n; i++) {
            long value = in.readLong();
            boolean bad = i == 0 && value != rank
                    || i > 0 && i <= rank && value < 1
                    || i > 0 && i < rank && value != 1; // [1, n]
            if (bad) {
                throw refused("has " + value + " at place " + i + " of its shape; a vector is [n] or [1, n]");
            }
            length = i > 0 && i <= rank ? Math.multiplyExact(length, value) : length;
        }
        return length;
    }

    private DataType type(String word) {
        return switch (word) {
            case "FLOAT" -> DataType.FLOAT;
            case "DOUBLE" -> DataType.DOUBLE;
            default -> throw refused("is of " + word + "; FLOAT and DOUBLE are read");
        };
    }

    private INDArray numbers(long length, DataType type) throws IOException {
        INDArray vector = Nd4j.createUninitialized(type, 1, length); // [1, n]
        int width = type.width();
        byte[] bytes = new byte[CHUNK * width];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (long start = 0; start < length; start += CHUNK) {
            int n = (int) Math.min(CHUNK, length - start);
            in.readFully(bytes, 0, n * width);
            for (int i = 0; i < n; i++) {
                double value = type == DataType.FLOAT ? buffer.getFloat(i * width) : buffer.getDouble(i * width);
                vector.data().put(start + i, value);
            }
        }
        return vector;
    }

    private ModelFormatException refused(String problem) {
        return ModelFormatException.of(file, name + " " + problem);
    }
}
