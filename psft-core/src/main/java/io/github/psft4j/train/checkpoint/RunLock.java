package io.github.psft4j.train.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second trainer out of a run directory. The operating system holds the lock, so that a killed process leaves none
 * behind; the file {@code .lock} stays and only tells people who had it last.
 */
public final class RunLock implements AutoCloseable {

    private static final String NAME = ".lock";

    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
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
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                if (!locked(channel)) {
                    String owner = owner(file);
                    throw new CheckpointException("another trainer is writing to " + dir
                            + (owner.isEmpty() ? "" : " (" + owner + ")")
                            + "; wait for it or choose another run directory");
                }
                channel.truncate(0);
                String owner = "process " + ProcessHandle.current().pid() + "\n";
                channel.write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.UTF_8)), 0);
                return new RunLock(channel);
            } catch (IOException | CheckpointException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot lock the run directory " + dir + " with " + file + ": " + e, e);
        }
    }

    private static String owner(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return ""; // Windows lets nobody read what is locked
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // held by this process already
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot release the lock of the run directory", e);
        }
    }
}
