package io.github.psft4j.data.rows.parquet;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesReader;
import org.apache.parquet.format.Encoding;

/**
 * Counts in encoded values, checked against the page before parquet-column sees them: it makes arrays as long as they
 * claim.
 *
 * @param values that the page says it has, nulls included
 */
record ParquetPageCheck(ColumnDescriptor column, int values) {

    /** Values of one packed run (writers end them after 504) and of one page in a delta encoding. */
    private static final int MAX_AT_ONCE = 4 << 20;

    /** Writers fill the last group up; some more than that. */
    private static final int PADDING = 504;

    private static final int MAX_DELTA_BLOCK = 1 << 16;

    /** A page of the first version: levels, each behind its length, then values. */
    void v1(byte[] page, Encoding repetition, Encoding definition, Encoding encoding) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        try {
            levels(in, column.getMaxRepetitionLevel(), repetition);
            levels(in, column.getMaxDefinitionLevel(), definition);
            values(in, encoding);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IOException("a page ends in the middle of its values", e);
        }
    }

    /** The levels of a page of the second version. */
    void v2Levels(byte[] page, int from, int length, int max) throws IOException {
        try {
            hybrid(buffer(page, from, length), BytesUtils.getWidthFromMaxInt(max));
        } catch (BufferUnderflowException e) {
            throw new IOException("a page ends in the middle of its levels", e);
        }
    }

    /** The values of a page of the second version. */
    void v2Values(byte[] page, int from, int length, Encoding encoding) throws IOException {
        try {
            values(buffer(page, from, length), encoding);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IOException("a page ends in the middle of its values", e);
        }
    }

    private static ByteBuffer buffer(byte[] page, int from, int length) {
        return ByteBuffer.wrap(page, from, length).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private void levels(ByteBuffer in, int max, Encoding encoding) throws IOException {
        if (max == 0) {
            return;
        }
        if (encoding != Encoding.RLE) {
            throw new IOException(
                    "levels encoded as " + encoding + " are not read; write the file with a current library");
        }
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new IOException("levels of " + length + " bytes in a page of " + in.limit());
        }
        hybrid(in.slice().limit(length), BytesUtils.getWidthFromMaxInt(max));
        in.position(in.position() + length);
    }

    private void values(ByteBuffer in, Encoding encoding) throws IOException {
        if (!in.hasRemaining()) {
            return; // all null
        }
        switch (encoding) {
            case RLE_DICTIONARY, PLAIN_DICTIONARY -> hybrid(in, in.get());
            case RLE -> {
                in.getInt();
                hybrid(in, 1);
            }
            case DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY -> delta(in);
            case DELTA_BYTE_ARRAY -> prefixes(in);
            default -> {} // as long as what they hold
        }
    }

    /** Runs of one value, and packed runs that fill an array of their length. */
    private void hybrid(ByteBuffer in, int bitWidth) throws IOException {
        if (bitWidth < 0 || bitWidth > 32) {
            throw new IOException("values of " + bitWidth + " bits");
        }
        long seen = 0;
        while (seen < values && in.hasRemaining()) {
            long header = unsigned(in);
            long count = header >>> 1;
            if ((header & 1) == 0) {
                skip(in, (bitWidth + 7) / 8);
            } else {
                skip(in, Math.min(in.remaining(), count * bitWidth));
                count *= 8;
                require(count, Math.min(values - seen + PADDING, MAX_AT_ONCE));
            }
            if (count == 0) {
                throw new IOException("a run of no values");
            }
            seen += count;
        }
    }

    /** Walks through blocks of differences. */
    private long delta(ByteBuffer in) throws IOException {
        long block = unsigned(in);
        long parts = unsigned(in);
        long total = unsigned(in);
        if (block <= 0 || block > MAX_DELTA_BLOCK || parts <= 0 || block % parts != 0 || block / parts % 8 != 0) {
            throw new IOException("blocks of " + block + " values in " + parts + " parts");
        }
        require(total, Math.min(values, MAX_AT_ONCE));
        unsigned(in); // the first value
        long perPart = block / parts;
        for (long left = total - 1; left > 0; ) {
            unsigned(in); // the least difference
            byte[] widths = new byte[(int) parts];
            in.get(widths);
            for (int i = 0; i < parts && left > 0; i++, left -= perPart) {
                skip(in, Math.min(in.remaining(), (widths[i] & 0xff) * perPart / 8));
            }
        }
        return total;
    }

    /** Every value is a prefix of the one before and a suffix of its own: the prefix must be there. */
    private void prefixes(ByteBuffer in) throws IOException {
        ByteBuffer start = in.slice();
        long total = delta(in);
        DeltaBinaryPackingValuesReader prefixes = reader(start);
        ByteBuffer behind = in.slice();
        if (delta(in) != total) {
            throw new IOException("prefixes and suffixes of a page differ in number");
        }
        DeltaBinaryPackingValuesReader suffixes = reader(behind);
        long before = 0;
        long left = in.remaining();
        for (long i = 0; i < total; i++) {
            int prefix = prefixes.readInteger();
            int suffix = suffixes.readInteger();
            left -= suffix;
            if (prefix < 0 || prefix > before || suffix < 0 || left < 0) {
                throw new IOException("a value takes " + prefix + " bytes of the one before, which has " + before
                        + ", and " + suffix + " of its own");
            }
            before = (long) prefix + suffix;
        }
    }

    private DeltaBinaryPackingValuesReader reader(ByteBuffer from) throws IOException {
        DeltaBinaryPackingValuesReader reader = new DeltaBinaryPackingValuesReader();
        reader.initFromPage(values, ByteBufferInputStream.wrap(from));
        return reader;
    }

    private static void require(long count, long most) throws IOException {
        if (count < 0 || count > most) {
            throw new IOException("a run says it has " + count + " values where there are " + most + " at most");
        }
    }

    private static void skip(ByteBuffer in, long bytes) {
        in.position((int) Math.min(in.limit(), in.position() + bytes));
    }

    private static long unsigned(ByteBuffer in) throws IOException {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IOException("a number of more than 64 bits");
    }
}
