package io.github.psft4j.train.checkpoint;

import io.github.psft4j.io.Directories;
import io.github.psft4j.io.FileCall;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mark of the run that writes the copies of a storage. The last run to begin has it: a machine that is lost cannot
 * give its mark back, and a run that goes on elsewhere must not wait for it. The run before finds another's mark.
 */
final class CopyOwner {

    private static final Logger LOG = LoggerFactory.getLogger(CopyOwner.class);

    static final String NAME = ".owner";

    private static final String FILE = "owner.txt";

    private final DirectoryStorage storage;
    private final String self = "process "
            + ManagementFactory.getRuntimeMXBean().getName() + ", run of " + Instant.now() + ", " + UUID.randomUUID();

    CopyOwner(DirectoryStorage storage) {
        this.storage = storage;
    }

    /** Leaves the mark of this run. */
    void take() {
        String other = read();
        if (other != null && !other.equals(self)) {
            LOG.warn(
                    "{} was written to by {}; if that run still goes on, it ends at its next checkpoint",
                    storage.name(),
                    other);
        }
        FileCall.run("cannot write the mark of this run for " + storage.name(), () -> {
            Path temporary = Files.createTempDirectory("psft-owner");
            try {
                Path mark = Files.createDirectory(temporary.resolve(NAME));
                Files.writeString(mark.resolve(FILE), self);
                storage.put(mark);
            } finally {
                Directories.delete(temporary);
            }
        });
    }

    /**
     * Makes sure that no run has begun to write there since.
     *
     * @throws CheckpointException if one has; that ends this run
     */
    void require() {
        String now = read();
        if (now != null && !now.equals(self)) {
            throw new CheckpointException("another run has begun to write to " + storage.name() + ": " + now
                    + ". This one ends, so that checkpoints do not mix; give each a checkpoint.copy_to of its own."
                    + " The checkpoints of this run are whole in its run directory");
        }
    }

    /** Takes the mark away, if it is this run's. */
    void release() {
        try {
            if (self.equals(read())) {
                storage.remove(NAME);
            }
        } catch (UncheckedIOException e) {
            LOG.warn("{}; the next run warns of this one", e.getMessage());
        }
    }

    /** Null if there is none. */
    private String read() {
        byte[] mark = storage.read(NAME, FILE);
        return mark == null ? null : new String(mark, StandardCharsets.UTF_8);
    }
}
