package io.github.psft4j.data;

import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFiles;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.data.rows.RowSource;
import io.github.psft4j.data.rows.TextFiles;
import io.github.psft4j.data.rows.parquet.ParquetSource;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;

/** The rows of data files in their order, one in memory at a time. */
public final class RawRows implements Iterator<RawRow>, AutoCloseable {

    private static final byte[] PARQUET = "PAR1".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] ENCRYPTED = "PARE".getBytes(StandardCharsets.US_ASCII);

    private final List<Path> files;
    private int nextFile;
    private RowSource source;
    private RowSource.Result ahead;
    private long bytesOfClosed;
    private final Set<String> notes = new LinkedHashSet<>();

    private RawRows(List<Path> files) {
        this.files = files;
    }

    /**
     * @param paths data files or directories, see {@link DataOptions}
     * @return rows of all files, one file after the other
     * @throws DataFormatException if there is no data file
     */
    public static RawRows open(List<Path> paths) {
        return new RawRows(DataFiles.of(paths));
    }

    /** The data files, in the order in which they are read. */
    public List<Path> files() {
        return files;
    }

    /** @throws DataFormatException if a file is empty, damaged or of a type that is not supported */
    @Override
    public boolean hasNext() {
        if (ahead == null) {
            ahead = read();
        }
        return ahead != null;
    }

    /** @throws DataFormatException naming file and line if the next row cannot be read; the one after it may be */
    @Override
    public RawRow next() {
        RowSource.Result result = nextResult();
        if (result.fault() != null) {
            throw result.fault();
        }
        return result.row();
    }

    /** The next row, or why it is none. */
    RowSource.Result nextResult() {
        if (!hasNext()) {
            throw new NoSuchElementException("the data files are at their end");
        }
        RowSource.Result result = ahead;
        ahead = null;
        return result;
    }

    /** Bytes of the rows so far, uncompressed, roughly. */
    long bytes() {
        return bytesOfClosed + (source == null ? 0 : source.bytes());
    }

    /** What the user should know about the rows so far. */
    Set<String> notes() {
        if (source != null && source.note() != null) {
            notes.add(source.note());
        }
        return notes;
    }

    private RowSource.Result read() {
        while (true) {
            if (source == null) {
                if (nextFile == files.size()) {
                    return null;
                }
                source = open(files.get(nextFile++));
            }
            try {
                RowSource.Result result = source.next();
                if (result != null) {
                    return result;
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + files.get(nextFile - 1) + ": " + e, e);
            }
            bytesOfClosed += source.bytes();
            close();
        }
    }

    private static RowSource open(Path file) {
        return FileCall.get("cannot read " + file, () -> {
            if (Files.size(file) == 0) {
                throw new DataFormatException(file + ": the file is empty; fetch it again or take it out");
            }
            byte[] head;
            try (InputStream in = Files.newInputStream(file)) {
                head = in.readNBytes(PARQUET.length);
            }
            boolean parquet = Arrays.equals(head, PARQUET) || Arrays.equals(head, ENCRYPTED);
            if (!parquet && file.toString().endsWith(".parquet")) {
                throw new DataFormatException(file + ": not a Parquet file: it begins with '"
                        + Shown.brief(new String(head, StandardCharsets.ISO_8859_1))
                        + "' instead of 'PAR1'; fetch it again"
                        + " (a file of 'vers' or '<htm' is a Git LFS pointer or a web page)");
            }
            return parquet ? new ParquetSource(file) : TextFiles.open(file);
        });
    }

    @Override
    public void close() {
        if (source != null) {
            notes();
            RowSource closing = source;
            source = null;
            FileCall.run("cannot close " + files.get(nextFile - 1), closing::close);
        }
    }
}
