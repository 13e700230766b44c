package io.github.psft4j.spark.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The whole lines of a text that begin in a range of its bytes. Ranges that cover a file share out its lines: a line
 * belongs to the range of its first byte.
 */
final class LineRange extends FilterInputStream {

    private final long to;
    private long position; // of the next byte
    private boolean ended;

    /**
     * @param in the text from the byte before the range on, of a range at 0 from its start
     * @param from first byte of the range
     * @param to the byte behind it
     */
    LineRange(InputStream in, long from, long to) throws IOException {
        super(in);
        this.to = to;
        this.position = Math.max(0, from - 1);
        for (int read = from == 0 ? '\n' : in.read(); read != '\n'; read = in.read()) {
            if (read < 0) {
                ended = true;
                return;
            }
            position++;
        }
        position += from == 0 ? 0 : 1;
        ended = position >= to;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] out, int offset, int length) throws IOException {
        if (ended || length == 0) {
            return ended ? -1 : 0;
        }
        int n = in.read(out, offset, length);
        if (n < 0) {
            ended = true;
            return -1;
        }
        for (int i = (int) Math.max(0, Math.min(n, to - 1 - position)); i < n; i++) {
            if (out[offset + i] == '\n') { // the end of the last line that begins in the range
                n = i + 1;
                ended = true;
            }
        }
        position += n;
        return n;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
