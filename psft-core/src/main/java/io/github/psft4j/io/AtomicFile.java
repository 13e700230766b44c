package io.github.psft4j.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Replaces a file so that a reader, and a machine that loses power, sees the old content or the new one.
 *
 * <p>Order: write a temporary sibling, flush it to the device, rename it, flush the directory. Renaming before the
 * flush could leave the right name over empty blocks.
 */
public final class AtomicFile {
    private static final Pattern TEMPORARY =
            Pattern.compile("\\..+\\.\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}\\.tmp");

    private AtomicFile() {}

    /**
     * Whether a file has the name of a temporary file that {@link #write} leaves if its process is killed. Nothing else
     * would ever remove it.
     */
    public static boolean isTemporary(Path file) {
        return TEMPORARY.matcher(file.getFileName().toString()).matches();
    }

    /** What is written to the temporary file. */
    public interface Content {
        /** Writes the new content from position 0. */
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Writes a file. An interrupt that the thread has already is kept until it is written: it would close the file's
     * channel at once.
     *
     * @param file file to create or replace
     * @param content writes the new content from position 0
     * @throws UncheckedIOException if writing or renaming fails; the old file is then untouched, the temporary one gone
     */
    public static void write(Path file, Content content) {
        boolean interrupted = Thread.interrupted();
        try {
            writeNow(file, content);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void writeNow(Path file, Content content) {
        Path target = file.toAbsolutePath();
        // Own name instead of Files.createTempFile, which would make the model readable by its owner only.
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            deleteAfter(e, temporary);
            throw new UncheckedIOException(
                    "cannot write " + file + " (an earlier file of that name is unchanged): " + e, e);
        } catch (RuntimeException | Error e) {
            deleteAfter(e, temporary);
            throw e;
        }
        try {
            flushDirectory(target.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    file + " is written, but a power cut may undo it: its directory could not be flushed: " + e, e);
        }
    }

    /** Writes {@code bytes} as the whole content of {@code file}; see {@link #write(Path, Content)}. */
    public static void write(Path file, byte[] bytes) {
        write(file, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
    }

    /** Writes all remaining bytes: a channel may take fewer than it is offered. */
    public static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void deleteAfter(Throwable failure, Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Flushes the names in a directory to the device, where the system can. */
    public static void flushDirectory(Path directory) throws IOException {
        // Windows opens no directory as a file; its rename is journalled.
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
