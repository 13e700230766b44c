package io.github.psft4j.train.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a second trainer out of a run directory. The operating system holds the lock, so that a killed process leaves
 * none behind; the file {@code .lock} stays and only shows people who had it last.
 */
public final class RunLock implements AutoCloseable {

    private static final String NAME = ".lock";

    /**
     * Run directories that this process has locked. The file of one must not be opened a second time: where locks are
     * POSIX's, closing any channel of a file drops all locks that the process has on it.
     */
    private static final Set<String> HELD = ConcurrentHashMap.newKeySet();

    private final FileChannel channel;
    private final String directory;

    private RunLock(FileChannel channel, String directory) {
        this.channel = channel;
        this.directory = directory;
    }

    /**
     * Locks a run directory, creating it if need be.
     *
     * @throws CheckpointException if another trainer, in this process or another, has it
     */
    public static RunLock acquire(Path dir) {
        Path file = dir.resolve(NAME);
        try {
            Files.createDirectories(dir);
            String directory = dir.toRealPath().toString();
            if (!HELD.add(directory)) {
                throw refused(dir, self());
            }
            try {
                return new RunLock(open(dir, file), directory);
            } catch (IOException | RuntimeException e) {
                HELD.remove(directory);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot lock the run directory " + dir + " with " + file + ": " + e, e);
        }
    }

    /** Whether this is the lock of a run directory, and not released. */
    public boolean covers(Path dir) {
        try {
            return channel.isOpen() && dir.toRealPath().toString().equals(directory);
        } catch (IOException e) {
            return false; // what was locked exists
        }
    }

    private static FileChannel open(Path dir, Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                throw refused(dir, owner(file));
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((self() + "\n").getBytes(StandardCharsets.UTF_8)), 0);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static CheckpointException refused(Path dir, String owner) {
        return new CheckpointException("another trainer is writing to " + dir
                + (owner.isEmpty() ? "" : " (" + owner + ")")
                + "; wait for it or choose another run directory");
    }

    private static String self() {
        return "process " + ProcessHandle.current().pid();
    }

    private static String owner(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return ""; // Windows lets nobody read what is locked
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot release the lock of the run directory", e);
        } finally {
            HELD.remove(directory);
        }
    }
}
