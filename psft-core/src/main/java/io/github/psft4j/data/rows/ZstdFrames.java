package io.github.psft4j.data.rows;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The frames of a Zstandard file without those that a reader must skip (RFC 8878, section 3.1.2). pzstd writes one
 * before each of its frames, and the seekable format one at the end; aircompressor 2.0.3 calls them damage.
 */
final class ZstdFrames extends FilterInputStream {

    private static final int FRAME = 0xfd2fb528;
    private static final int SKIPPED = 0x184d2a50; // to ...5f
    private static final int RLE = 1; // kind of a block: one byte, repeated
    private static final int DESCRIPTOR_CHECKSUM = 4;
    private static final int DESCRIPTOR_SINGLE_SEGMENT = 32;

    /** What comes next in the file. */
    private enum State {
        FRAME,
        BLOCK,
        DONE
    }

    private final byte[] part = new byte[18]; // longest: magic number and frame header
    private int at; // in the part
    private int end;
    private long left; // bytes of the block behind the part
    private boolean checksum;
    private State state = State.FRAME;

    ZstdFrames(InputStream in) {
        super(in);
    }

    /** Whether a file begins as one of Zstandard: with a frame, or with one to skip. */
    static boolean isMagic(int first) {
        return first == FRAME || isSkipped(first);
    }

    private static boolean isSkipped(int magic) {
        return (magic & ~15) == SKIPPED;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        while (at == end && left == 0) {
            if (state == State.DONE) {
                return -1;
            }
            at = 0;
            end = 0;
            if (state == State.FRAME) {
                frame();
            } else {
                block();
            }
        }
        if (at < end) {
            int n = Math.min(length, end - at);
            System.arraycopy(part, at, bytes, from, n);
            at += n;
            return n;
        }
        int n = in.read(bytes, from, (int) Math.min(length, left));
        if (n < 0) {
            left = 0;
            state = State.DONE; // the reader misses the rest
        }
        left -= Math.max(0, n);
        return n;
    }

    /** Magic number and header of the next frame, past those to skip. */
    private void frame() throws IOException {
        int found = in.readNBytes(part, 0, Integer.BYTES);
        if (found == Integer.BYTES && isSkipped(number(0, Integer.BYTES))) {
            take(Integer.BYTES);
            in.skipNBytes(number(0, Integer.BYTES) & 0xffffffffL);
            end = 0;
            return;
        }
        end = found;
        if (found < Integer.BYTES || number(0, Integer.BYTES) != FRAME) {
            left = Long.MAX_VALUE; // nothing that is known: the reader says what is wrong
            state = State.DONE;
            return;
        }
        take(1);
        int descriptor = part[Integer.BYTES] & 0xff;
        boolean single = (descriptor & DESCRIPTOR_SINGLE_SEGMENT) != 0;
        int size = descriptor >> 6;
        take((single ? 0 : 1) + (1 << (descriptor & 3) >> 1) + (size == 0 ? single ? 1 : 0 : 1 << size));
        checksum = (descriptor & DESCRIPTOR_CHECKSUM) != 0;
        state = State.BLOCK;
    }

    /** Header of the next block; the checksum of the frame counts with its last block. */
    private void block() throws IOException {
        take(3);
        int header = number(0, 3);
        boolean last = (header & 1) != 0;
        left = (header >> 1 & 3) == RLE ? 1 : header >> 3;
        if (last) {
            left += checksum ? Integer.BYTES : 0;
            state = State.FRAME;
        }
    }

    /** Reads more bytes of a header. */
    private void take(int bytes) throws IOException {
        if (in.readNBytes(part, end, bytes) < bytes) {
            throw new EOFException("the file ends inside a frame");
        }
        end += bytes;
    }

    private int number(int from, int bytes) {
        int number = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            number = number << 8 | part[from + i] & 0xff;
        }
        return number;
    }
}
