package io.github.psft4j.data.rows;

import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** Lines of a JSONL file. Empty lines are no rows. */
public final class JsonlSource implements RowSource {

    /** A line is held in memory whole, as bytes and as characters; 32 MiB of text are beyond any context window. */
    public static final int MAX_LINE = 32 << 20;

    private final JsonRow json;
    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;
    private byte[] line = new byte[1 << 13];
    private long number;
    private long bytes;

    JsonlSource(Path file, InputStream in) {
        this(file, in, 0);
    }

    /**
     * Lines of a part of a file.
     *
     * @param file as messages name it
     * @param before lines of the file before the part
     */
    public JsonlSource(Path file, InputStream in, long before) {
        this.json = new JsonRow(file);
        this.in = in;
        this.number = before;
    }

    @Override
    public Result next() throws IOException {
        while (true) {
            int length = readLine();
            if (length < 0) {
                return null;
            }
            number++;
            bytes += length;
            if (length > MAX_LINE) {
                return json.fault(
                        number,
                        new DataFormatException(json.at(number) + "a line of more than "
                                + (MAX_LINE >> 20) + " MiB: "
                                + Shown.brief(new String(line, 0, 200, StandardCharsets.ISO_8859_1))
                                + "; one JSON object per line: jq -c '.[]' FILE turns an array into lines"));
            }
            int from = number == 1 ? byteOrderMark(length) : 0;
            if (from > 0) {
                System.arraycopy(line, from, line, 0, length - from);
                length -= from;
            }
            if (!blank(length)) {
                return json.parse(line, length, number);
            }
        }
    }

    /** Fills {@link #line} up to the line feed; -1 at the end, more than {@link #MAX_LINE} if the rest was skipped. */
    private int readLine() throws IOException {
        int length = 0;
        boolean any = false;
        while (true) {
            if (position == limit) {
                limit = in.read(buffer);
                position = 0;
                if (limit <= 0) {
                    limit = 0;
                    return any ? length : -1;
                }
            }
            any = true;
            int end = position;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            int n = end - position;
            if (length <= MAX_LINE) {
                if (length + n > line.length) {
                    line = Arrays.copyOf(
                            line, (int) Math.min(Math.max(2L * line.length, length + n), MAX_LINE + (1L << 17)));
                }
                System.arraycopy(buffer, position, line, length, n);
                length += n;
            }
            position = end;
            if (end < limit) {
                position++;
                return length;
            }
        }
    }

    private int byteOrderMark(int length) {
        return length >= 3 && line[0] == (byte) 0xef && line[1] == (byte) 0xbb && line[2] == (byte) 0xbf ? 3 : 0;
    }

    private boolean blank(int length) {
        for (int i = 0; i < length; i++) {
            if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
