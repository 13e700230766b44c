package io.github.psft4j.monitor.files;

import io.github.psft4j.io.AtomicFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Files that are written in one go: a reader, and a full disk, sees the old text or the new one. */
public final class WholeFile {

    private WholeFile() {}

    /**
     * Creates or replaces the file; its directory is created.
     *
     * @param what what it holds, for error messages
     * @throws UncheckedIOException naming the file and the way out
     */
    public static void write(String what, Path file, String text) {
        WriteFailure.prepareDirectoryOf(what, file);
        try {
            AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
        } catch (UncheckedIOException e) {
            throw WriteFailure.of(what, file, e.getCause());
        }
    }
}
