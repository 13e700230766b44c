package io.github.psft4j.spark.data;

import io.github.psft4j.data.rows.JsonlSource;
import io.github.psft4j.data.rows.RowSource;
import io.github.psft4j.data.rows.parquet.ParquetSource;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;

/** A part of a data file that a task reads: rows of Parquet, or the lines that begin in a range of bytes. */
final class DataPart implements Serializable {

    private static final long serialVersionUID = 1L;

    private static final int BUFFER = 1 << 20;

    private final String file; // URI
    private final boolean parquet;
    private final long from;
    private final long to;
    private final long linesBefore; // of JSON Lines: line feeds of the file before the first line

    private DataPart(String file, boolean parquet, long from, long to, long linesBefore) {
        this.file = file;
        this.parquet = parquet;
        this.from = from;
        this.to = to;
        this.linesBefore = linesBefore;
    }

    static DataPart rows(String file, ParquetSource.Range range) {
        return new DataPart(file, true, range.from(), range.to(), 0);
    }

    static DataPart lines(String file, long from, long to) {
        return new DataPart(file, false, from, to, 0);
    }

    /** The same with the number of lines before it. */
    DataPart behind(long lines) {
        return new DataPart(file, parquet, from, to, lines);
    }

    boolean isLines() {
        return !parquet;
    }

    String file() {
        return file;
    }

    /** The name of its file in messages. */
    Path name() {
        return Path.of(file);
    }

    RowSource open(Configuration settings) throws IOException {
        HadoopBytes bytes = new HadoopBytes(file, settings);
        return parquet
                ? new ParquetSource(name(), bytes, new ParquetSource.Range(from, to))
                : new JsonlSource(name(), lines(bytes), linesBefore);
    }

    private InputStream lines(HadoopBytes bytes) throws IOException {
        return new LineRange(new BufferedInputStream(bytes.from(Math.max(0, from - 1)), BUFFER), from, to);
    }

    /** Lines that begin in the range, the last one of the file included if no line feed ends it. */
    long countLines(Configuration settings) throws IOException {
        long lines = 0;
        byte[] buffer = new byte[BUFFER];
        try (HadoopBytes bytes = new HadoopBytes(file, settings);
                InputStream in = lines(bytes)) {
            int last = '\n';
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                for (int i = 0; i < n; i++) {
                    lines += buffer[i] == '\n' ? 1 : 0;
                }
                last = n == 0 ? last : buffer[n - 1];
            }
            return last == '\n' ? lines : lines + 1;
        }
    }
}
