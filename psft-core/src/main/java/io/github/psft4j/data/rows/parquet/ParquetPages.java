package io.github.psft4j.data.rows.parquet;

import io.github.psft4j.data.rows.FileBytes;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.InterningProtocol;
import org.apache.parquet.format.PageHeader;
import shaded.parquet.org.apache.thrift.TConfiguration;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.transport.TIOStreamTransport;

/** The pages of one column of one row group, read from the file one at a time. */
final class ParquetPages implements PageReader {

    /** Writers cut pages at about a megabyte; a single value may be longer. */
    private static final int MAX_PAGE_BYTES = 128 << 20;

    /** What a value of a dictionary takes in memory beside its bytes. */
    private static final int BYTES_PER_VALUE = 48;

    /** Limit of a page header, which may hold the least and greatest value. */
    private static final int MAX_HEADER_BYTES = 1 << 20;

    private final ColumnMetaData column;
    private final ColumnDescriptor descriptor;
    private final PageMemory memory;
    private final Statistics<?> statistics;
    private final InputStream in;
    private long valuesLeft;
    private long bytes;
    private long pageBytes;
    private DictionaryPage dictionary;
    private DataPage ahead;

    /**
     * @throws IOException if the column is not inside the file
     * @throws UnsupportedOperationException if its codec is not read
     */
    ParquetPages(FileBytes file, ColumnMetaData column, ColumnDescriptor descriptor, PageMemory memory)
            throws IOException {
        ParquetCodec.requireRead(column.getCodec());
        this.column = column;
        this.descriptor = descriptor;
        this.memory = memory;
        this.statistics = Statistics.createStats(descriptor.getPrimitiveType());
        this.valuesLeft = column.getNum_values();
        long start = column.isSetDictionary_page_offset() && column.getDictionary_page_offset() > 0
                ? Math.min(column.getDictionary_page_offset(), column.getData_page_offset())
                : column.getData_page_offset();
        long length = column.getTotal_compressed_size();
        if (start < 0 || length < 0 || start > file.size() - length) {
            throw new IOException("the column lies outside the file");
        }
        this.in = new BufferedInputStream(new Region(file, start, start + length), 1 << 16);
    }

    @Override
    public DictionaryPage readDictionaryPage() {
        if (dictionary == null && ahead == null) {
            ahead = read();
        }
        return dictionary;
    }

    @Override
    public long getTotalValueCount() {
        return column.getNum_values();
    }

    @Override
    public DataPage readPage() {
        DataPage page = ahead != null ? ahead : read();
        ahead = null;
        return page;
    }

    /** Bytes of pages so far, uncompressed. */
    long bytes() {
        return bytes;
    }

    /**
     * The next data page, null at the end; a dictionary in front of it is remembered. Pages of no values, which pyarrow
     * writes between others, are passed over: parquet-column would ask them for a level.
     */
    private DataPage read() {
        try {
            while (valuesLeft > 0) {
                PageHeader header = header();
                byte[] body = body(header);
                bytes += header.getUncompressed_page_size();
                switch (header.getType()) {
                    case DICTIONARY_PAGE -> dictionary = dictionary(header, body);
                    case DATA_PAGE -> {
                        if (header.getData_page_header().getNum_values() != 0) {
                            return counted(v1(header, body));
                        }
                    }
                    case DATA_PAGE_V2 -> {
                        if (header.getData_page_header_v2().getNum_values() != 0) {
                            return counted(v2(header, body));
                        }
                    }
                    default -> {} // an index page holds no values
                }
            }
            return null;
        } catch (IOException | TException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Util.readPageHeader would make an array as long as a field claims, up to 100 MB. */
    private PageHeader header() throws TException {
        TConfiguration limits =
                new TConfiguration(MAX_HEADER_BYTES, MAX_HEADER_BYTES, TConfiguration.DEFAULT_RECURSION_DEPTH);
        PageHeader header = new PageHeader();
        header.read(new InterningProtocol(new TCompactProtocol(new TIOStreamTransport(limits, in))));
        return header;
    }

    private DictionaryPage dictionary(PageHeader header, byte[] body) throws IOException {
        int size = header.getUncompressed_page_size();
        int values = header.getDictionary_page_header().getNum_values();
        int least = leastBytes();
        if (dictionary != null || values < 0 || values > size / least) {
            throw new IOException("a dictionary of " + values + " values in " + size + " bytes"
                    + (dictionary != null ? " behind another one" : "") + "; its values have " + least
                    + " bytes at least");
        }
        memory.hold(size + (long) BYTES_PER_VALUE * values);
        return new DictionaryPage(
                BytesInput.from(decompressed(header, body)),
                values,
                encoding(header.getDictionary_page_header().getEncoding()));
    }

    /** Memory of a value in a dictionary. */
    private int leastBytes() throws IOException {
        return switch (descriptor.getPrimitiveType().getPrimitiveTypeName()) {
            case INT64, DOUBLE -> 8;
            case INT96 -> 12;
            case FIXED_LEN_BYTE_ARRAY ->
                Math.max(1, descriptor.getPrimitiveType().getTypeLength());
            default -> 4;
        };
    }

    private DataPage counted(DataPage page) throws IOException {
        if (page.getValueCount() < 0 || page.getValueCount() > valuesLeft) {
            throw new IOException("a page says it has " + page.getValueCount() + " values");
        }
        valuesLeft -= page.getValueCount();
        return page;
    }

    private byte[] body(PageHeader header) throws IOException {
        int length = header.getCompressed_page_size();
        int uncompressed = header.getUncompressed_page_size();
        if (length < 0 || uncompressed < 0) {
            throw new IOException("a page says it has " + length + " bytes, " + uncompressed + " uncompressed");
        }
        if (length > MAX_PAGE_BYTES || uncompressed > MAX_PAGE_BYTES) {
            throw new UnsupportedOperationException("a page of " + length + " bytes, " + uncompressed
                    + " uncompressed; pages of up to " + (MAX_PAGE_BYTES >> 20) + " MiB are read: write smaller ones");
        }
        memory.release(pageBytes);
        pageBytes = 0;
        memory.hold((long) length + uncompressed);
        pageBytes = (long) length + uncompressed;
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("a page ends in the middle");
        }
        if (header.isSetCrc()) {
            CRC32 crc = new CRC32();
            crc.update(body);
            if ((int) crc.getValue() != header.getCrc()) {
                throw new IOException("the checksum of a page does not fit");
            }
        }
        return body;
    }

    private byte[] decompressed(PageHeader header, byte[] body) throws IOException {
        return ParquetCodec.decompress(column.getCodec(), body, 0, body.length, header.getUncompressed_page_size());
    }

    private DataPage v1(PageHeader header, byte[] body) throws IOException {
        DataPageHeader v1 = header.getData_page_header();
        byte[] page = decompressed(header, body);
        new ParquetPageCheck(descriptor, v1.getNum_values())
                .v1(page, v1.getRepetition_level_encoding(), v1.getDefinition_level_encoding(), v1.getEncoding());
        return new DataPageV1(
                BytesInput.from(page),
                v1.getNum_values(),
                header.getUncompressed_page_size(),
                statistics,
                encoding(v1.getRepetition_level_encoding()),
                encoding(v1.getDefinition_level_encoding()),
                encoding(v1.getEncoding()));
    }

    /** The levels come first and are uncompressed. */
    private DataPage v2(PageHeader header, byte[] body) throws IOException {
        DataPageHeaderV2 v2 = header.getData_page_header_v2();
        int repetition = v2.getRepetition_levels_byte_length();
        int definition = v2.getDefinition_levels_byte_length();
        if (repetition < 0 || definition < 0 || (long) repetition + definition > body.length) {
            throw new IOException("the levels of a page are longer than it");
        }
        int levels = repetition + definition;
        ParquetPageCheck check = new ParquetPageCheck(descriptor, v2.getNum_values());
        check.v2Levels(body, 0, repetition, descriptor.getMaxRepetitionLevel());
        check.v2Levels(body, repetition, definition, descriptor.getMaxDefinitionLevel());
        byte[] values = v2.isIs_compressed() && body.length > levels // all null: some writers write no values at all
                ? ParquetCodec.decompress(
                        column.getCodec(),
                        body,
                        levels,
                        body.length - levels,
                        Math.max(0, header.getUncompressed_page_size() - levels))
                : Arrays.copyOfRange(body, levels, body.length);
        check.v2Values(values, 0, values.length, v2.getEncoding());
        return DataPageV2.uncompressed(
                v2.getNum_rows(),
                v2.getNum_nulls(),
                v2.getNum_values(),
                BytesInput.from(body, 0, repetition),
                BytesInput.from(body, repetition, definition),
                encoding(v2.getEncoding()),
                BytesInput.from(values),
                statistics);
    }

    private static Encoding encoding(org.apache.parquet.format.Encoding encoding) {
        return Encoding.valueOf(encoding.name());
    }

    /** A part of a file as a stream. */
    private static final class Region extends InputStream {
        private final FileBytes file;
        private final long end;
        private long position;

        Region(FileBytes file, long start, long end) {
            this.file = file;
            this.position = start;
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] out, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            int n = (int) Math.min(length, end - position);
            int got = n == 0 ? -1 : file.read(ByteBuffer.wrap(out, offset, n), position);
            position += Math.max(0, got);
            return got;
        }
    }
}
