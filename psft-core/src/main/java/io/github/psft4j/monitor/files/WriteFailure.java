package io.github.psft4j.monitor.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Errors of writing that name the file, the cause and the remedy. */
public final class WriteFailure {

    private WriteFailure() {}

    /**
     * The error to throw.
     *
     * @param what what was to be written, such as "metrics of step 12"
     */
    public static UncheckedIOException of(String what, Path file, IOException cause) {
        return new UncheckedIOException(
                "cannot write " + what + " to " + file.toAbsolutePath() + ": " + reason(file, cause) + "; "
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

    private static String reason(Path file, IOException cause) {
        Path blocking = fileInTheWay(file);
        if (blocking != null) {
            return blocking + " is a file and not a directory";
        }
        if (cause instanceof AccessDeniedException denied) {
            return "access to " + denied.getFile() + " is denied";
        }
        String reason = cause instanceof FileSystemException system ? system.getReason() : null;
        return reason != null ? reason : String.valueOf(cause.getMessage());
    }

    /** The file in the place of a needed directory, null if there is none: systems report it in many ways. */
    private static Path fileInTheWay(Path file) {
        for (Path parent = file.toAbsolutePath().getParent(); parent != null; parent = parent.getParent()) {
            if (Files.exists(parent)) {
                return Files.isDirectory(parent) ? null : parent;
            }
        }
        return null;
    }

    private static String wayOut(Path file, IOException cause) {
        String message = String.valueOf(cause.getMessage());
        if (message.contains("No space left") || message.contains("quota")) {
            return "free space on that disk or choose a directory on another one";
        }
        if (Files.isDirectory(file)) {
            return "it is a directory; remove it or choose another file";
        }
        if (fileInTheWay(file) != null) {
            return "move it away or choose another directory";
        }
        return "make sure that this user may write there, or choose another directory";
    }
}
