package io.github.psft4j.train.checkpoint;

import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.Directories;
import io.github.psft4j.io.FileCall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of a run's checkpoints on a storage that outlives the machine of the trainer. They have the names and the
 * bytes of the checkpoints, and the same rules say which ones stay.
 */
public final class CheckpointCopies {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointCopies.class);

    /** What a run directory and its copies record step by step. */
    private static final String METRICS = "metrics.jsonl";

    /** Directory of that file among the copies. */
    private static final String RECORDS = "records";

    private final Path dir;
    private final DirectoryStorage storage;
    private final CopyOwner owner;

    /** @param dir run directory, into which copies are fetched */
    public CheckpointCopies(Path dir, DirectoryStorage storage) {
        this.dir = dir;
        this.storage = storage;
        this.owner = new CopyOwner(storage);
    }

    /**
     * Copies a checkpoint and {@code metrics.jsonl}, then removes the copies that no rule keeps.
     *
     * @throws UncheckedIOException if it cannot be copied; earlier copies are as they were
     * @throws CheckpointException if another run has begun to write there
     */
    public void put(Path checkpoint, Retention retention) {
        owner.require();
        storage.put(checkpoint);
        putMetrics();
        try {
            for (Manifest superfluous : retention.superfluous(manifests())) {
                storage.remove(name(superfluous.step()));
            }
        } catch (UncheckedIOException e) {
            LOG.warn("{}; the next checkpoint tries again", e.getMessage());
        }
    }

    private void putMetrics() {
        Path metrics = dir.resolve(METRICS);
        if (!Files.exists(metrics)) {
            return;
        }
        FileCall.run("cannot copy " + metrics + " to " + storage.name(), () -> {
            Path temporary = Files.createTempDirectory("psft-records");
            try {
                Path records = Files.createDirectory(temporary.resolve(RECORDS));
                Files.copy(metrics, records.resolve(METRICS));
                storage.put(records);
            } finally {
                Directories.delete(temporary);
            }
        });
    }

    /**
     * Begins to write there, which ends a run that does so already. Sets aside the copies above a step, the newest
     * first, as {@link CheckpointStore#setAsideAbove} does with checkpoints.
     *
     * @param step that training goes on from; -1 for none of the checkpoints here
     */
    public void begin(int step) {
        owner.take();
        Set<String> taken = new HashSet<>(storage.list());
        for (String name : names()) {
            if (CheckpointStore.stepOf(name) > step) {
                String aside = Abandoned.name(name, taken::contains);
                storage.rename(name, aside);
                taken.add(aside);
                LOG.warn("{} of {} is set aside as {}", name, storage.name(), aside);
            }
        }
    }

    /**
     * The newest checkpoint that is whole to the last bit, of the run directory or of the copies. A copy that is newer
     * than all of the run directory is fetched into it.
     *
     * @return empty if there is no checkpoint at all
     * @throws CheckpointException if there are some and none is whole, so that no run silently starts again
     * @throws UncheckedIOException if the storage does not answer, for the same reason
     */
    public Optional<Path> newestIntact() {
        CheckpointException broken = null;
        Optional<Path> local = Optional.empty();
        try {
            local = new CheckpointStore(dir).newestIntact();
        } catch (CheckpointException e) {
            broken = e;
        }
        long have = local.map(checkpoint ->
                        CheckpointStore.stepOf(checkpoint.getFileName().toString()))
                .orElse(-1L);
        for (String name : names()) {
            if (CheckpointStore.stepOf(name) <= have) {
                break;
            }
            try {
                return Optional.of(fetch(name));
            } catch (CheckpointException e) {
                LOG.warn("{} of {} is skipped: {}", name, storage.name(), e.getMessage());
                broken = broken == null ? e : broken;
            }
        }
        if (local.isEmpty() && broken != null) {
            throw new CheckpointException(
                    "no checkpoint of " + dir + " or " + storage.name() + " is whole, but there is a damaged one ("
                            + broken.getMessage() + "); move it away to start again",
                    broken);
        }
        return local;
    }

    /**
     * Fetches a copy into the run directory, and {@code metrics.jsonl} if that has none. A checkpoint that has its name
     * there stays if it is the same, and is set aside otherwise.
     *
     * @param name such as {@code step-00001234}
     * @return the checkpoint
     * @throws CheckpointException if the copy is not whole; nothing is changed
     */
    public Path fetch(String name) {
        Path target = dir.resolve(name);
        Path unfinished = dir.resolve(CheckpointStore.UNFINISHED + name);
        return FileCall.get("cannot fetch " + name + " from " + storage.name() + " to " + dir, () -> {
            Files.createDirectories(dir);
            Directories.delete(unfinished);
            try {
                storage.get(name, unfinished);
                Manifest copy = Manifest.read(unfinished);
                requireStep(copy, name);
                copy.verify(unfinished);
                fetchMetrics();
                if (Files.exists(target)) {
                    if (isSame(target, copy)) {
                        return target;
                    }
                    Abandoned.setAside(target, "a copy of another checkpoint is fetched");
                }
                Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
                AtomicFile.flushDirectory(dir);
                LOG.info("checkpoint {} is fetched from {}", target, storage.name());
                return target;
            } finally {
                Directories.delete(unfinished);
            }
        });
    }

    /** Fetches {@code metrics.jsonl} into a run directory that has none. */
    private void fetchMetrics() throws IOException {
        if (Files.exists(dir.resolve(METRICS)) || !storage.list().contains(RECORDS)) {
            return;
        }
        Path unfinished = dir.resolve(CheckpointStore.UNFINISHED + RECORDS);
        Directories.delete(unfinished);
        try {
            storage.get(RECORDS, unfinished);
            Files.move(unfinished.resolve(METRICS), dir.resolve(METRICS), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Directories.delete(unfinished);
        }
    }

    /** Says that nothing more is written there. */
    public void end() {
        owner.release();
    }

    private static boolean isSame(Path checkpoint, Manifest copy) {
        try {
            copy.verify(checkpoint);
            return Manifest.read(checkpoint).equals(copy);
        } catch (CheckpointException e) {
            return false;
        }
    }

    private List<Manifest> manifests() {
        List<Manifest> out = new ArrayList<>();
        for (String name : names()) {
            byte[] bytes = storage.read(name, Manifest.NAME);
            try {
                if (bytes == null) {
                    throw new CheckpointException("it has no " + Manifest.NAME);
                }
                Manifest manifest = Manifest.of(Path.of(name, Manifest.NAME), bytes);
                requireStep(manifest, name);
                out.add(manifest);
            } catch (CheckpointException e) {
                LOG.warn("{} of {} is ignored: {}", name, storage.name(), e.getMessage());
            }
        }
        return out;
    }

    private static void requireStep(Manifest manifest, String name) {
        if (manifest.step() != CheckpointStore.stepOf(name)) {
            throw new CheckpointException(name + " holds the checkpoint of step " + manifest.step()
                    + "; the directory was renamed or its manifest exchanged");
        }
    }

    /** Newest first. */
    private List<String> names() {
        return storage.list().stream()
                .filter(name -> CheckpointStore.stepOf(name) >= 0)
                .sorted(Comparator.comparingLong(CheckpointStore::stepOf).reversed())
                .toList();
    }

    private static String name(int step) {
        return CheckpointStore.name(step);
    }
}
