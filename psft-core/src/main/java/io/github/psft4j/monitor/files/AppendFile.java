package io.github.psft4j.monitor.files;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that grows by appends, each handed to the operating system at once. What a full disk does not take is kept in
 * memory, to the byte, and written before the next append. So once there is space again, nothing is missing and no line
 * is broken. Closing is the last attempt, and an error if it fails.
 */
public final class AppendFile implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AppendFile.class);

    /** Bytes kept at most: a hundred thousand lines of metrics. */
    private static final int MAX_PENDING = 64 << 20;

    private final String what;
    private final Path file;
    private FileChannel channel; // another one after an interrupt
    private ByteBuffer pending = ByteBuffer.allocate(0); // from position to limit: not written yet
    private boolean failing;

    /**
     * Opens the file; its directory is created.
     *
     * @param what what it holds, for error messages
     * @throws UncheckedIOException naming the file and the way out
     */
    public AppendFile(String what, Path file, OpenOption... options) {
        this.what = what;
        this.file = file;
        WriteFailure.prepareDirectoryOf(what, file);
        try {
            channel = FileChannel.open(file, Set.of(options));
        } catch (IOException e) {
            throw WriteFailure.of(what, file, e);
        }
    }

    /**
     * Appends these bytes, now or later.
     *
     * @throws UncheckedIOException if more than 64 MB wait to be written
     */
    public void append(byte[] piece) {
        pending = pending.hasRemaining() ? joined(pending, piece) : ByteBuffer.wrap(piece);
        try {
            flush();
            if (failing) {
                failing = false;
                LOG.info("{} can be written again; nothing is missing", file);
            }
        } catch (IOException e) {
            UncheckedIOException failure = WriteFailure.of(what, file, e);
            if (pending.remaining() > MAX_PENDING) {
                throw failure;
            }
            if (!failing) {
                failing = true;
                LOG.warn(
                        "{}; training goes on, and what is missing is written later if it can be",
                        failure.getMessage());
            }
        }
    }

    private static ByteBuffer joined(ByteBuffer first, byte[] second) {
        ByteBuffer both = ByteBuffer.allocate(Math.addExact(first.remaining(), second.length));
        return both.put(first).put(second).flip();
    }

    /**
     * The buffer's position says how far it came, whatever happens; a thread that is interrupted writes all the same.
     */
    private void flush() throws IOException {
        boolean interrupted = false;
        try {
            while (pending.hasRemaining()) {
                try {
                    channel.write(pending);
                } catch (ClosedByInterruptException e) {
                    interrupted = Thread.interrupted();
                    channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Writes what waits and closes the file.
     *
     * @throws UncheckedIOException naming the file and the way out, if that fails
     */
    @Override
    public void close() {
        try (Closeable last = () -> channel.close()) {
            flush();
        } catch (IOException e) {
            throw WriteFailure.of(what, file, e);
        }
    }
}
