package io.github.psft4j.data.rows.parquet;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.data.rows.RowSource;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
    private final FileChannel channel;
    private final List<RowGroup> groups;
    private final MessageType schema;
    private final MessageColumnIO columns;
    private final ParquetRowBuilder builder;
    private Group group;
    private int nextGroup;
    private long number;
    private long bytesOfGroups;

    /** @throws DataFormatException if the file is damaged */
    public ParquetSource(Path path) throws IOException {
        this.path = path;
        this.channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            FileMetaData footer = ParquetFooter.read(path, channel);
            this.groups = footer.getRow_groups();
            this.schema = ParquetSchema.of(footer.getSchema());
            this.columns = new ColumnIOFactory(footer.getCreated_by()).getColumnIO(schema);
            this.builder = new ParquetRowBuilder(schema);
        } catch (DataFormatException e) {
            channel.close();
            throw e;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw refused("its schema", e);
        }
    }

    @Override
    public Result next() {
        try {
            while (group == null || group.left == 0) {
                if (nextGroup == groups.size()) {
                    return null;
                }
                bytesOfGroups += group == null ? 0 : group.bytes();
                group = null;
                RowGroup next = groups.get(nextGroup++);
                group = next.getNum_rows() == 0 ? null : new Group(next); // without rows it need not have pages
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
        channel.close();
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
                pages.put(name, new ParquetPages(channel, chunk.getMeta_data(), column, memory));
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
