package io.github.psft4j.monitor.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Errors of writing that name the file, the cause and the way out. */
public final class WriteFailure {

    private WriteFailure() {}

    /**
     * The error to throw.
     *
     * @param what what was to be written, such as "metrics of step 12"
     */
    public static UncheckedIOException of(String what, Path file, IOException cause) {
        return new UncheckedIOException(
                "cannot write " + what + " to " + file.toAbsolutePath() + ": " + reason(cause) + "; "
                        + wayOut(file, cause),
                cause);
    }

    /**
     * Creates the directory of a file that is about to be written.
     *
     * @throws UncheckedIOException naming the file and the way out
     */
    public static void prepareDirectoryOf(String what, Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw of(what, file, e);
        }
    }

    private static String reason(IOException cause) {
        if (cause instanceof AccessDeniedException) {
            return "access to " + ((AccessDeniedException) cause).getFile() + " is denied";
        }
        if (cause instanceof FileAlreadyExistsException || cause instanceof NotDirectoryException) {
            return ((FileSystemException) cause).getFile() + " is a file and not a directory";
        }
        String reason = cause instanceof FileSystemException ? ((FileSystemException) cause).getReason() : null;
        return reason != null ? reason : String.valueOf(cause.getMessage());
    }

    private static String wayOut(Path file, IOException cause) {
        String message = String.valueOf(cause.getMessage());
        if (message.contains("No space left") || message.contains("quota")) {
            return "free space on that disk or choose a directory on another one";
        }
        if (Files.isDirectory(file)) {
            return "it is a directory; remove it or choose another file";
        }
        return "check that its directory exists and that this user may write there, or choose another";
    }
}
