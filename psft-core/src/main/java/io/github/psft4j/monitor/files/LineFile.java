package io.github.psft4j.monitor.files;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A UTF-8 text file that grows by whole lines, each on disk as soon as it is written. */
public final class LineFile implements AutoCloseable {

    private final String what;
    private final Path file;
    private final BufferedWriter out;

    /**
     * Creates the file, or empties it; its directory is created.
     *
     * @param what what it holds, for error messages
     * @throws java.io.UncheckedIOException naming the file and the way out
     */
    public LineFile(String what, Path file) {
        this.what = what;
        this.file = file;
        WriteFailure.prepareDirectoryOf(what, file);
        try {
            out = Files.newBufferedWriter(file);
        } catch (IOException e) {
            throw WriteFailure.of(what, file, e);
        }
    }

    /** Appends one line. */
    public void write(String line) {
        try {
            out.write(line);
            out.write('\n');
            out.flush();
        } catch (IOException e) {
            throw WriteFailure.of(what, file, e);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw WriteFailure.of(what, file, e);
        }
    }
}
