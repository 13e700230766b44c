package io.github.psft4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.FuzzBounds;
import io.github.psft4j.data.rows.DataFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Parquet files that claim more than they hold are refused, by name, before what they claim is allocated. */
class HostileParquetTest {

    /** The files have some hundred bytes. */
    private static final long MAX_BYTES = 64 << 20;

    private static final byte[] ONE_TEXT = {1, 0, 0, 0, 'a'};

    @TempDir
    private Path dir;

    /** A file of one column and one page. */
    private static final class Draft {
        private Type type = Type.BYTE_ARRAY;
        private ConvertedType converted = ConvertedType.UTF8;
        private FieldRepetitionType repetition = FieldRepetitionType.REQUIRED;
        private long rows = 1;
        private int values = 1;
        private Integer claimed;
        private boolean columns = true;
        private CompressionCodec codec = CompressionCodec.UNCOMPRESSED;
        private Encoding encoding = Encoding.PLAIN;
        private byte[] page = ONE_TEXT;
        private byte[] dictionary;
        private int dictionaryValues;
        private long most = MAX_BYTES;

        Draft encoded(Encoding as, int count, int... bytes) {
            encoding = as;
            values = count;
            page = bytes(bytes);
            return this;
        }

        Draft dictionary(int count, byte[] bytes) {
            dictionaryValues = count;
            dictionary = bytes;
            return this;
        }

        byte[] file() throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write("PAR1".getBytes(StandardCharsets.US_ASCII));
            if (dictionary != null) {
                PageHeader header = new PageHeader(PageType.DICTIONARY_PAGE, dictionary.length, dictionary.length);
                header.setDictionary_page_header(new DictionaryPageHeader(dictionaryValues, Encoding.PLAIN));
                Util.writePageHeader(header, out);
                out.write(dictionary);
            }
            int uncompressed = claimed != null ? claimed : page.length;
            PageHeader header = new PageHeader(PageType.DATA_PAGE, uncompressed, page.length);
            header.setData_page_header(new DataPageHeader(values, encoding, Encoding.RLE, Encoding.RLE));
            Util.writePageHeader(header, out);
            out.write(page);
            int footer = out.size();
            Util.writeFileMetaData(metaData(footer), out);
            ByteBuffer tail = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
            out.write(tail.putInt(out.size() - footer).array());
            out.write("PAR1".getBytes(StandardCharsets.US_ASCII));
            return out.toByteArray();
        }

        private FileMetaData metaData(int end) {
            SchemaElement root = new SchemaElement("root").setNum_children(columns ? 1 : 0);
            SchemaElement text = new SchemaElement("text").setRepetition_type(repetition);
            text.setType(type);
            if (type == Type.BYTE_ARRAY) {
                text.setConverted_type(converted);
            }
            ColumnMetaData column =
                    new ColumnMetaData(type, List.of(encoding), List.of("text"), codec, values, end - 4, end - 4, 4);
            List<ColumnChunk> chunks = new ArrayList<>();
            if (columns) {
                chunks.add(new ColumnChunk(0).setMeta_data(column));
            }
            return new FileMetaData(
                    1,
                    columns ? List.of(root, text) : List.of(root),
                    rows,
                    List.of(new RowGroup(chunks, end - 4, rows)));
        }
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static Draft draft() {
        return new Draft();
    }

    /** What a file claims, and what the message must say. */
    record Case(String name, Draft file, String... said) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() throws IOException {
        Draft rows = draft();
        rows.rows = 1L << 40;
        Draft negative = draft();
        negative.rows = -1;
        Draft none = draft();
        none.columns = false;
        none.rows = 1L << 40;
        Draft page = draft();
        page.claimed = 1 << 30;
        Draft zeros = draft();
        zeros.codec = CompressionCodec.GZIP;
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(new byte[1 << 20]);
        }
        zeros.page = packed.toByteArray();
        zeros.claimed = 1000;
        Draft list = draft().encoded(Encoding.RLE_DICTIONARY, 1 << 30, new int[0]);
        list.repetition = FieldRepetitionType.REPEATED;
        // one row of 2^30 elements: the first level of repetition is 0, all others 1
        list.page = bytes(
                8, 0, 0, 0, 2, 0, 0x80, 0x80, 0x80, 0x80, 8, 1, // repetition
                6, 0, 0, 0, 0x80, 0x80, 0x80, 0x80, 8, 1, // definition
                0, 0x80, 0x80, 0x80, 0x80, 8); // indices of no bits
        list.dictionary(1, ONE_TEXT);
        list.most = 2L << 30; // three million elements are read before it is refused
        Draft json = draft().encoded(Encoding.RLE_DICTIONARY, 30, new int[0]);
        json.repetition = FieldRepetitionType.REPEATED;
        json.converted = ConvertedType.JSON;
        // one row of 30 elements: the first level of repetition is 0, all others 1
        json.page = bytes(4, 0, 0, 0, 2, 0, 58, 1, 2, 0, 0, 0, 60, 1, 0, 60);
        byte[] ones = new byte[4 + 1_000_001];
        Arrays.fill(ones, (byte) '1');
        for (int i = 6; i < ones.length; i += 2) {
            ones[i] = ',';
        }
        ones[4] = '[';
        ones[ones.length - 1] = ']';
        ByteBuffer.wrap(ones).order(ByteOrder.LITTLE_ENDIAN).putInt(1_000_001);
        json.dictionary(1, ones);
        json.most = 4L << 30; // twenty-three million bytes of JSON are parsed before it is refused
        int[] most = {0xff, 0xff, 0xff, 0xff, 7}; // 2^31 - 1
        return Stream.of(
                new Case("more rows than values", rows, "1099511627776 rows"),
                new Case("fewer rows than none", negative, "-1 rows"),
                new Case("rows of no columns", none, "no columns"),
                new Case("a page of a gigabyte", page, "1073741824", "128 MiB"),
                new Case("a page longer than it says", zeros, "1001 bytes instead of 1000"),
                new Case(
                        "a dictionary of more values than bytes",
                        draft().encoded(Encoding.RLE_DICTIONARY, 1, 0, 2).dictionary(Integer.MAX_VALUE, ONE_TEXT),
                        "2147483647 values in 5 bytes"),
                new Case(
                        "a packed run of two billion",
                        draft().encoded(Encoding.RLE_DICTIONARY, 1, 0, 0xff, 0xff, 0xff, 0xff, 1)
                                .dictionary(1, ONE_TEXT),
                        "2147483640 values",
                        "505 at most"),
                new Case(
                        "a packed run within a claim of two billion",
                        draft().encoded(Encoding.RLE_DICTIONARY, Integer.MAX_VALUE, 0, 0xff, 0xff, 0xff, 0xff, 1)
                                .dictionary(1, ONE_TEXT),
                        "4194304 at most"),
                new Case("many elements in a row", list, "3000000 values", "split it"),
                new Case("many values in the JSON of a row", json, "3000000 values", "split it"),
                new Case(
                        "differences of two billion",
                        draft().encoded(
                                        Encoding.DELTA_LENGTH_BYTE_ARRAY,
                                        1,
                                        0x80,
                                        1,
                                        4,
                                        most[0],
                                        most[1],
                                        most[2],
                                        most[3],
                                        most[4],
                                        0),
                        "2147483647 values",
                        "1 at most"),
                new Case(
                        "blocks of a billion differences",
                        draft().encoded(Encoding.DELTA_BINARY_PACKED, 1, 0x80, 0x80, 0x80, 0x80, 4, 1, 1, 0),
                        "blocks of 1073741824 values"),
                new Case(
                        "a prefix of a billion bytes",
                        draft().encoded(
                                        Encoding.DELTA_BYTE_ARRAY,
                                        1,
                                        0x80,
                                        1,
                                        4,
                                        1,
                                        0x80,
                                        0x80,
                                        0x80,
                                        0x80,
                                        8,
                                        0x80,
                                        1,
                                        4,
                                        1,
                                        2,
                                        'a'),
                        "takes 1073741824 bytes of the one before, which has 0"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aClaimBeyondTheFileIsRefusedByNameBeforeItIsAllocated(Case hostile) throws Exception {
        Path file = Files.write(dir.resolve("hostile.parquet"), hostile.file().file());
        FuzzBounds.within(hostile.file().most, () -> {
            DataFormatException e = assertThrows(DataFormatException.class, () -> read(file));
            assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
            for (String part : hostile.said()) {
                assertTrue(e.getMessage().contains(part), e.getMessage());
            }
        });
    }

    private static int read(Path file) {
        int read = 0;
        try (RawRows rows = RawRows.open(List.of(file))) {
            while (rows.hasNext()) {
                rows.next();
                read++;
            }
        }
        return read;
    }

    /** The draft itself is a good file. */
    @Test
    void theSameFileWithoutClaimsIsRead() throws IOException {
        assertEquals(1, read(Files.write(dir.resolve("good.parquet"), draft().file())));
        Draft many = draft().encoded(Encoding.RLE_DICTIONARY, 3, 0, 6).dictionary(1, ONE_TEXT);
        many.rows = 3;
        assertEquals(3, read(Files.write(dir.resolve("good.parquet"), many.file())));
        Draft prefixes = draft().encoded(Encoding.DELTA_BYTE_ARRAY, 1, 0x80, 1, 4, 1, 0, 0x80, 1, 4, 1, 2, 'a');
        assertEquals(1, read(Files.write(dir.resolve("good.parquet"), prefixes.file())));
    }

    /** A text in a dictionary is there once, in rows often: what waits to be tokenised counts as in rows. */
    @Test
    void textOfADictionaryCountsInEveryRow() throws IOException {
        byte[] text = new byte[4 + 100_000];
        Arrays.fill(text, (byte) 'a');
        ByteBuffer.wrap(text).order(ByteOrder.LITTLE_ENDIAN).putInt(100_000);
        Draft draft = draft().encoded(Encoding.RLE_DICTIONARY, 50, 0, 100).dictionary(1, text);
        draft.rows = 50;
        Path file = Files.write(dir.resolve("often.parquet"), draft.file());
        try (RawRows rows = RawRows.open(List.of(file))) {
            while (rows.hasNext()) {
                rows.next();
            }
            assertTrue(rows.bytes() >= 50 * 100_000, rows.bytes() + " bytes");
        }
    }
}
