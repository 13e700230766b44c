package io.github.psft4j.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.rows.DataFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * Writes a token file, little-endian:
 *
 * <pre>
 * 8 bytes   "PSFTTOK1"
 * 32 bytes  fingerprint
 * records   per demonstration: int n, n ints of tokens, the mask as ceil(n / 32) ints, bit i % 32 of int i / 32
 * index     n of every demonstration as int; with weights also every weight as double
 * report    JSON
 * footer    long end of the records, int demonstrations, int 1 with weights, int bytes of the report,
 *           int CRC-32C of all bytes before it, 8 bytes "PSFTEND1"
 * </pre>
 */
final class TokenFileWriter {
    static final long MAGIC = 0x314b4f5454465350L; // "PSFTTOK1"
    static final long END = 0x31444e4554465350L; // "PSFTEND1"
    static final int HEADER_BYTES = 40;
    static final int FOOTER_BYTES = 32;

    /** Of these, before the checksum. */
    static final int CHECKED_FOOTER_BYTES = 20;

    /** A record must fit into half a window of {@link TokenFile}. */
    static final int MAX_TOKENS = 1 << 26;

    static final ObjectMapper JSON = new ObjectMapper();

    private final FileChannel channel;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
    private long written;
    private double[] weights = new double[1024];
    private int count;
    private boolean weighted;

    TokenFileWriter(FileChannel channel, String fingerprint) throws IOException {
        this.channel = channel;
        putLong(MAGIC);
        for (byte b : HexFormat.of().parseHex(fingerprint)) {
            reserve(1);
            buffer.put(b);
        }
    }

    void add(RowResult result) throws IOException {
        for (Demonstration sequence : result.sequences()) {
            add(result, sequence);
        }
    }

    private void add(RowResult result, Demonstration sequence) throws IOException {
        int[] tokens = sequence.tokens();
        boolean[] mask = sequence.lossMask();
        if (tokens.length > MAX_TOKENS) {
            throw new DataFormatException(result.row().location() + ": the row has " + tokens.length
                    + " tokens, more than any model reads; set max_length");
        }
        putInt(tokens.length);
        for (int token : tokens) {
            putInt(token);
        }
        for (int from = 0; from < mask.length; from += 32) {
            int bits = 0;
            for (int i = from; i < Math.min(mask.length, from + 32); i++) {
                bits |= mask[i] ? 1 << (i - from) : 0;
            }
            putInt(bits);
        }
        if (count == weights.length) {
            weights = Arrays.copyOf(weights, 2 * count);
        }
        weights[count++] = result.weight();
        weighted |= result.weight() != 1;
    }

    /** @param lengths tokens of every demonstration added */
    void finish(DataReport report, int[] lengths) throws IOException {
        long end = written();
        for (int length : lengths) {
            putInt(length);
        }
        for (int i = 0; weighted && i < count; i++) {
            putLong(Double.doubleToLongBits(weights[i]));
        }
        byte[] json = JSON.writeValueAsBytes(report);
        for (byte b : json) {
            reserve(1);
            buffer.put(b);
        }
        putLong(end);
        putInt(count);
        putInt(weighted ? 1 : 0);
        putInt(json.length);
        flush();
        putInt((int) crc.getValue());
        putLong(END);
        flush();
    }

    private long written() {
        return written + buffer.position();
    }

    private void putInt(int value) throws IOException {
        reserve(Integer.BYTES);
        buffer.putInt(value);
    }

    private void putLong(long value) throws IOException {
        reserve(Long.BYTES);
        buffer.putLong(value);
    }

    private void reserve(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        crc.update(buffer.duplicate());
        while (buffer.hasRemaining()) {
            written += channel.write(buffer);
        }
        buffer.clear();
    }
}
