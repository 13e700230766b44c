package io.github.psft4j.data.rows.parquet;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.FileBytes;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.data.rows.RowSource;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/**
 * Rows of a Parquet file. This package reads file, pages and codecs. The library parquet-column decodes values and
 * assembles nested records. That way nothing of Hadoop is needed, and one page per column is in memory instead of a row
 * group.
 */
public final class ParquetSource implements RowSource {
    private final Path path;
    private final FileBytes file;
    private final long from; // rows before it are passed over
    private final long to;
    private final List<RowGroup> groups;
    private final MessageType schema;
    private final MessageColumnIO columns;
    private final ParquetRowBuilder builder;
    private Group group;
    private int nextGroup;
    private long number;
    private long bytesOfGroups;

    /**
     * Rows of a file.
     *
     * @param from the first, counted from 0
     * @param to the one behind the last
     */
    public record Range(long from, long to) {}

    /**
     * Cuts a file into ranges of rows that can be read on their own, and never across row groups.
     *
     * @param most bytes of a range, uncompressed, about
     * @throws DataFormatException if the file is damaged
     */
    public static List<Range> ranges(Path path, FileBytes bytes, long most) throws IOException {
        List<Range> out = new ArrayList<>();
        long start = 0;
        for (RowGroup group : ParquetFooter.read(path, bytes).getRow_groups()) {
            long rows = group.getNum_rows();
            long count = Math.max(1, Math.min(rows, (group.getTotal_byte_size() + most - 1) / most));
            for (long i = 0; i < count; i++) {
                out.add(new Range(start + rows * i / count, start + rows * (i + 1) / count));
            }
            start += rows;
        }
        return out;
    }

    /** @throws DataFormatException if the file is damaged */
    public ParquetSource(Path path) throws IOException {
        this(path, FileBytes.of(path), new Range(0, Long.MAX_VALUE));
    }

    /**
     * Some rows of a file whose bytes are given; they are closed with this source.
     *
     * @param path as messages name it
     * @throws DataFormatException if the file is damaged
     */
    public ParquetSource(Path path, FileBytes bytes, Range range) throws IOException {
        this.path = path;
        this.file = bytes;
        this.from = range.from();
        this.to = range.to();
        try {
            FileMetaData footer = ParquetFooter.read(path, file);
            this.groups = footer.getRow_groups();
            this.schema = ParquetSchema.of(footer.getSchema());
            this.columns = new ColumnIOFactory(footer.getCreated_by()).getColumnIO(schema);
            this.builder = new ParquetRowBuilder(schema);
        } catch (DataFormatException e) {
            file.close();
            throw e;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw refused("its schema", e);
        }
    }

    @Override
    public Result next() {
        try {
            while (group == null || group.left == 0) {
                if (nextGroup == groups.size() || number >= to) {
                    return null;
                }
                bytesOfGroups += group == null ? 0 : group.bytes();
                open(groups.get(nextGroup++));
            }
            if (number >= to) {
                return null;
            }
            group.left--;
            number++;
            RawRow row = new RawRow(path, number, group.records.read());
            return builder.fault() == null
                    ? new Result(row, null)
                    : new Result(
                            row,
                            new DataFormatException(row.location() + ": " + builder.fault()
                                    + "; correct the row or leave bad rows out (counted)"));
        } catch (IOException | RuntimeException e) {
            throw refused("row group " + nextGroup + ", row " + number, e);
        }
    }

    /** Opens a group at the first wanted row; one without any stays closed, because it need not have pages. */
    private void open(RowGroup next) throws IOException {
        long rows = next.getNum_rows();
        boolean before = rows > 0 && number + rows <= from;
        number += before ? rows : 0;
        group = before || rows == 0 ? null : new Group(next);
        while (group != null && number < from) {
            group.records.read();
            group.left--;
            number++;
        }
    }

    /** What the library does not read says so itself; everything else is damage. */
    private DataFormatException refused(String where, Exception e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String reason = root.getMessage() == null ? root.toString() : root.getMessage();
        return new DataFormatException(
                root instanceof UnsupportedOperationException
                        ? path + ": " + where + ": " + reason
                        : path + ": a Parquet file damaged at " + where + ": " + Shown.brief(reason)
                                + "; fetch or write it again",
                e);
    }

    @Override
    public long bytes() {
        return Math.max(bytesOfGroups + (group == null ? 0 : group.bytes()), builder.bytes());
    }

    @Override
    public String note() {
        return builder.leftOut() == null
                ? null
                : "Parquet: null fields of objects are left out, in '" + Shown.brief(builder.leftOut())
                        + "' for instance; a null that was meant, such as \"default\": null, needs a column of the"
                        + " type JSON";
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** A row group being read. */
    private final class Group implements PageReadStore {
        private final RowGroup meta;
        private final Map<List<String>, ParquetPages> pages = new HashMap<>();
        private final PageMemory memory = new PageMemory();
        private final RecordReader<ObjectNode> records;
        private long left;

        Group(RowGroup meta) throws IOException {
            this.meta = meta;
            this.left = meta.getNum_rows();
            for (ColumnChunk chunk : meta.getColumns()) {
                if (chunk.isSetCrypto_metadata() || !chunk.isSetMeta_data()) {
                    throw new UnsupportedOperationException(
                            "an encrypted column, which is not read; write the file again"
                                    + " without encryption, with a program that has the keys");
                }
                if (chunk.isSetFile_path()) {
                    throw new UnsupportedOperationException("its columns lie in other files, which is not read");
                }
                List<String> name = chunk.getMeta_data().getPath_in_schema();
                ColumnDescriptor column = schema.getColumnDescription(name.toArray(String[]::new));
                if (left < 0 || chunk.getMeta_data().getNum_values() < left) {
                    throw new IOException("it says it has " + left + " rows, and "
                            + chunk.getMeta_data().getNum_values() + " values in the column "
                            + Shown.brief(String.join(".", name)));
                }
                pages.put(name, new ParquetPages(file, chunk.getMeta_data(), column, memory));
            }
            if (pages.isEmpty()) {
                throw new IOException("it has no columns");
            }
            this.records = columns.getRecordReader(this, builder);
        }

        long bytes() {
            return pages.values().stream().mapToLong(ParquetPages::bytes).sum();
        }

        @Override
        public PageReader getPageReader(ColumnDescriptor column) {
            PageReader reader = pages.get(Arrays.asList(column.getPath()));
            if (reader == null) {
                throw new IllegalStateException("the column " + String.join(".", column.getPath()) + " is missing");
            }
            return reader;
        }

        @Override
        public long getRowCount() {
            return meta.getNum_rows();
        }
    }
}
