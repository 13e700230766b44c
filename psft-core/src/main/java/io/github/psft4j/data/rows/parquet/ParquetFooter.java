package io.github.psft4j.data.rows.parquet;

import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.FileBytes;
import io.github.psft4j.io.Shown;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;

/** The metadata at the end of a Parquet file: {@code ... thrift, int length, "PAR1"}. */
final class ParquetFooter {
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ENCRYPTED = "PARE".getBytes(StandardCharsets.US_ASCII);
    private static final int TAIL_BYTES = 8;

    /** Some hundred bytes per column of every row group. */
    private static final int MAX_BYTES = 16 << 20;

    private ParquetFooter() {}

    /** @throws DataFormatException if the file is damaged, encrypted or no Parquet */
    static FileMetaData read(Path path, FileBytes file) throws IOException {
        long size = file.size();
        if (size < MAGIC.length + TAIL_BYTES) {
            throw new DataFormatException(
                    path + ": a Parquet file of " + size + " bytes is incomplete; fetch it again");
        }
        ByteBuffer tail = bytes(file, size - TAIL_BYTES, TAIL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int length = tail.getInt();
        byte[] magic = new byte[MAGIC.length];
        tail.get(magic);
        if (Arrays.equals(magic, ENCRYPTED)) {
            throw new DataFormatException(
                    path + ": an encrypted Parquet file, which is not read; write it again without"
                            + " encryption, with a program that has the keys");
        }
        if (!Arrays.equals(magic, MAGIC)) {
            throw new DataFormatException(path + ": an incomplete Parquet file: it ends with '"
                    + Shown.brief(new String(magic, StandardCharsets.ISO_8859_1))
                    + "' instead of 'PAR1'; fetch it again");
        }
        if (length <= 0 || length > size - MAGIC.length - TAIL_BYTES) {
            throw new DataFormatException(path + ": damaged Parquet metadata: their length is " + length
                    + " bytes in a file of " + size + "; fetch it again");
        }
        if (length > MAX_BYTES) {
            throw new DataFormatException(path + ": Parquet metadata of " + length + " bytes; up to "
                    + (MAX_BYTES >> 20) + " MiB are read: write larger row groups, or fewer columns");
        }
        byte[] thrift = bytes(file, size - TAIL_BYTES - length, length).array();
        try {
            return Util.readFileMetaData(new ByteArrayInputStream(thrift), length); // no list is longer than that
        } catch (IOException | RuntimeException e) {
            throw new DataFormatException(
                    path + ": damaged Parquet metadata: " + Shown.brief(String.valueOf(e.getMessage()))
                            + "; fetch it again",
                    e);
        }
    }

    private static ByteBuffer bytes(FileBytes file, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && file.read(buffer, position + buffer.position()) >= 0) {}
        return buffer.flip();
    }
}
