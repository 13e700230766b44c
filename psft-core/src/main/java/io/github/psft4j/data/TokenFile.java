package io.github.psft4j.data;

import io.github.psft4j.data.batch.Demonstration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** A token file (see {@link TokenFileWriter}), mapped. Thread-safe. */
final class TokenFile {

    /** Windows overlap by half, so that a record that starts in the first half of one ends in it. */
    private static final long STRIDE = 1L << 29;

    /** Why a file is not the wanted one; it is rebuilt. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String why) {
            super(why);
        }
    }

    private final ByteBuffer[] windows;
    private final long[] offsets; // [demonstrations]
    private final double[] weights; // [demonstrations], null: all are 1
    private final DataReport report;

    private TokenFile(ByteBuffer[] windows, long[] offsets, double[] weights, DataReport report) {
        this.windows = windows;
        this.offsets = offsets;
        this.weights = weights;
        this.report = report;
    }

    /**
     * Maps and checks a file, all of its bytes.
     *
     * @throws Unusable if it is damaged, of another version or of other data
     */
    static TokenFile open(Path file, String fingerprint) throws IOException, Unusable {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < TokenFileWriter.HEADER_BYTES + TokenFileWriter.FOOTER_BYTES) {
                throw new Unusable("it has " + size + " bytes");
            }
            return read(map(channel, size), size, fingerprint);
        }
    }

    private static ByteBuffer[] map(FileChannel channel, long size) throws IOException {
        ByteBuffer[] windows = new ByteBuffer[(int) ((size + STRIDE - 1) / STRIDE)];
        for (int i = 0; i < windows.length; i++) {
            long from = i * STRIDE;
            windows[i] = channel.map(FileChannel.MapMode.READ_ONLY, from, Math.min(2 * STRIDE, size - from))
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
        return windows;
    }

    private static TokenFile read(ByteBuffer[] windows, long size, String fingerprint) throws IOException, Unusable {
        if (at(windows, 0).getLong() != TokenFileWriter.MAGIC) {
            throw new Unusable("it is not a token file of this version");
        }
        byte[] actual = new byte[TokenFileWriter.HEADER_BYTES - Long.BYTES];
        at(windows, Long.BYTES).get(actual);
        if (!HexFormat.of().formatHex(actual).equals(fingerprint)) {
            throw new Unusable("it was made of other data, tokenizer, template or options");
        }
        long footer = size - TokenFileWriter.FOOTER_BYTES;
        ByteBuffer tail = at(windows, footer);
        long end = tail.getLong();
        int count = tail.getInt();
        boolean weighted = tail.getInt() == 1;
        int reportBytes = tail.getInt();
        int checksum = tail.getInt();
        long checked = footer + TokenFileWriter.CHECKED_FOOTER_BYTES;
        if (tail.getLong() != TokenFileWriter.END || checksum != checksum(windows, checked)) {
            throw new Unusable("it is damaged (its checksum does not fit)");
        }
        if (end < TokenFileWriter.HEADER_BYTES
                || count < 0
                || reportBytes < 0
                || end + count * (weighted ? 12L : 4L) + reportBytes != footer) {
            throw new Unusable("it is damaged (its footer does not fit)"); // the checksum does not cover the footer
        }
        // The writer's numbers can be trusted from here on.
        long[] offsets = new long[count];
        long offset = TokenFileWriter.HEADER_BYTES;
        for (int i = 0; i < count; i++) {
            offsets[i] = offset;
            int n = at(windows, end + 4L * i).getInt();
            offset += 4L * (1 + n + (n + 31) / 32);
        }
        double[] weights = weighted ? new double[count] : null;
        for (int i = 0; weighted && i < count; i++) {
            weights[i] = at(windows, end + 4L * count + 8L * i).getDouble();
        }
        byte[] json = new byte[reportBytes];
        at(windows, footer - reportBytes).get(json);
        DataReport report = TokenFileWriter.JSON.readValue(json, DataReport.class);
        return new TokenFile(windows, offsets, weights, report);
    }

    private static int checksum(ByteBuffer[] windows, long end) {
        CRC32C crc = new CRC32C();
        for (long from = 0; from < end; from += STRIDE) {
            ByteBuffer part = at(windows, from);
            part.limit((int) Math.min(STRIDE, end - from));
            crc.update(part);
        }
        return (int) crc.getValue();
    }

    /** A new view from a position in the file on, for half a gigabyte at least or to the end. */
    private static ByteBuffer at(ByteBuffer[] windows, long position) {
        ByteBuffer window = windows[(int) (position / STRIDE)];
        int from = (int) (position % STRIDE);
        return window.slice(from, window.capacity() - from).order(ByteOrder.LITTLE_ENDIAN);
    }

    int size() {
        return offsets.length;
    }

    DataReport report() {
        return report;
    }

    int length(int index) {
        return at(windows, offsets[index]).getInt();
    }

    double weight(int index) {
        return weights == null ? 1 : weights[index];
    }

    boolean weighted() {
        return weights != null;
    }

    Demonstration get(int index) {
        ByteBuffer record = at(windows, offsets[index]);
        int[] tokens = new int[record.getInt()];
        record.asIntBuffer().get(tokens);
        record.position(4 * (1 + tokens.length));
        boolean[] mask = new boolean[tokens.length];
        for (int from = 0; from < mask.length; from += 32) {
            int bits = record.getInt();
            for (int i = from; i < Math.min(mask.length, from + 32); i++) {
                mask[i] = (bits >>> (i - from) & 1) == 1;
            }
        }
        return new Demonstration(tokens, mask);
    }
}
