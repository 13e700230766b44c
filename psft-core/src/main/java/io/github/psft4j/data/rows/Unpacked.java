package io.github.psft4j.data.rows;

import io.airlift.compress.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The bytes of a data file, out of gzip or Zstandard if it is packed (by content, not by name). */
final class Unpacked extends FilterInputStream {

    /** Text is compressed 3 to 20 times, the most repetitive about 100 times; a zip bomb 1000 times. */
    private static final int MAX_RATIO = 200;

    /** Bytes that any packed file may expand to. */
    private static final long FREE = 256L << 20;

    private static final int BUFFER = 1 << 16;

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    /** How a file is packed: its name, and the command that unpacks or checks it. */
    private enum Packing {
        NONE("", "", ""),
        GZIP("gzip", "gunzip FILE", "gzip -t FILE"),
        ZSTD("zstd", "unzstd FILE", "zstd -t FILE");

        private final String word;
        private final String unpack;
        private final String check;

        Packing(String word, String unpack, String check) {
            this.word = word;
            this.unpack = unpack;
            this.check = check;
        }
    }

    private final Path file;
    private final Packing packing;
    private final long most;
    private long unpacked;

    private Unpacked(InputStream in, Path file, Packing packing) throws IOException {
        super(in);
        this.file = file;
        this.packing = packing;
        this.most = packing == Packing.NONE ? Long.MAX_VALUE : FREE + MAX_RATIO * Files.size(file);
    }

    /** @throws DataFormatException if the header of a packed file is damaged */
    static Unpacked open(Path file) throws IOException {
        InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
        Packing packing = Packing.NONE;
        try {
            raw.mark(4);
            byte[] head = raw.readNBytes(4);
            raw.reset();
            packing = packing(head);
            return new Unpacked(
                    switch (packing) {
                        case NONE -> raw;
                        case GZIP -> new GZIPInputStream(raw, BUFFER);
                        case ZSTD -> new ZstdInputStream(new ZstdFrames(raw));
                    },
                    file,
                    packing);
        } catch (ZipException | EOFException e) {
            raw.close();
            String reason = e.getMessage() == null ? "" : ": " + e.getMessage();
            throw new DataFormatException(
                    file + ": the " + packing.word + " header is damaged" + reason
                            + "; fetch or compress the file again",
                    e);
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    private static Packing packing(byte[] head) {
        int first = head.length < 4
                ? head.length < 2 ? 0 : (head[0] & 0xff) | (head[1] & 0xff) << 8
                : (head[0] & 0xff) | (head[1] & 0xff) << 8 | (head[2] & 0xff) << 16 | head[3] << 24;
        if ((first & 0xffff) == 0x8b1f) {
            return Packing.GZIP;
        }
        return ZstdFrames.isMagic(first) ? Packing.ZSTD : Packing.NONE;
    }

    /** The first bytes, which are read again afterwards. */
    static byte[] peek(InputStream in, int bytes) throws IOException {
        in.mark(bytes);
        byte[] head = in.readNBytes(bytes);
        in.reset();
        return head;
    }

    /**
     * The file as UTF-8 without a byte order mark; what is no UTF-8 is an error of the reader.
     *
     * @param in supports marks
     * @throws DataFormatException if the file begins as UTF-16
     */
    static Reader text(InputStream in, Path file) throws IOException {
        byte[] head = peek(in, 2);
        if (head.length == 2 && (head[0] & 0xff ^ head[1] & 0xff) == 1 && (head[0] & head[1] & 0xfe) == 0xfe) {
            throw new DataFormatException(file + ": this is UTF-16; convert it: iconv -f UTF-16 -t UTF-8");
        }
        CharsetDecoder utf8 = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        if (Arrays.equals(peek(in, BYTE_ORDER_MARK.length), BYTE_ORDER_MARK)) {
            in.skipNBytes(BYTE_ORDER_MARK.length);
        }
        return new BufferedReader(new InputStreamReader(in, utf8), BUFFER);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        if (packing == Packing.NONE) {
            return in.read(bytes, from, length);
        }
        try {
            int n = in.read(bytes, from, length);
            unpacked += Math.max(0, n);
            if (unpacked <= most) {
                return n;
            }
        } catch (IOException | RuntimeException e) {
            throw new DataFormatException(
                    file + ": the " + packing.word + " stream is damaged: " + e.getMessage()
                            + "; fetch or compress the file again (" + packing.check + " checks it)",
                    e);
        }
        throw new DataFormatException(file + ": more than " + MAX_RATIO + " times its " + Files.size(file)
                + " bytes come out of it: a " + packing.word + " bomb? If it is meant, decompress it first ("
                + packing.unpack + ")");
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
