package io.github.psft4j.train.checkpoint;

import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.Directories;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one run directory, {@code step-00001234/}.
 *
 * <p>A checkpoint is written to a hidden sibling. Every file is flushed to the device, then the manifest, then the
 * directory. Then one rename names the directory, and the run directory is flushed. A process or machine that dies at
 * any moment leaves the earlier checkpoints as they were and at most hidden directories, which the next writer removes.
 * One of them may be whole: a checkpoint whose name was to go to a new one of the same step. Until the new one has the
 * name, it counts as what it was.
 *
 * <p>Steps are one line of descent. A run that goes back to an older checkpoint, or starts new, first renames the
 * others to {@code abandoned-step-00001234}. They stay whole, and neither readers nor {@link #prune} take them for
 * checkpoints of the run.
 */
public final class CheckpointStore {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
    private static final Pattern NAME = Pattern.compile("(?:\\.replaced-)?step-(\\d{8,10})");
    private static final Pattern LEFT = Pattern.compile("\\.(unfinished|discarded|replaced)-.*");
    static final String UNFINISHED = ".unfinished-";
    private static final String DISCARDED = ".discarded-";
    private static final String REPLACED = ".replaced-";

    private final Path dir;

    /** @param dir run directory; made when the first checkpoint is written */
    public CheckpointStore(Path dir) {
        this.dir = dir;
    }

    /** Puts the files of a checkpoint into a directory. */
    public interface Content {
        /** Writes plain files, each flushed to the device. */
        void writeTo(Path directory) throws IOException;
    }

    /** Directory of the checkpoint of a step. */
    public Path directory(int step) {
        return dir.resolve(name(step));
    }

    static String name(int step) {
        return Shown.format("step-%08d", step);
    }

    /**
     * Writes the checkpoint of a step; one of the same step is replaced.
     *
     * @param metric value for {@link Retention#best()}, null for none
     * @param environment what goes into the manifest for people
     * @return its directory
     * @throws UncheckedIOException if it cannot be written; nothing that was there before is touched
     */
    public Path write(int step, Double metric, Map<String, String> environment, Content content) {
        Path target = directory(step);
        Path unfinished = dir.resolve(UNFINISHED + target.getFileName());
        try {
            Files.createDirectories(dir);
            recover();
            Files.createDirectory(unfinished);
            content.writeTo(unfinished);
            Manifest.of(unfinished, step, metric, environment).write(unfinished);
            AtomicFile.flushDirectory(unfinished);
            name(unfinished, target);
            return target;
        } catch (IOException e) {
            throw failed(target, unfinished, e);
        } catch (UncheckedIOException e) {
            throw failed(target, unfinished, e.getCause());
        }
    }

    /** Gives a whole directory its name. What had the name before is removed only after the rename is on disk. */
    private void name(Path unfinished, Path target) throws IOException {
        Path before = dir.resolve(REPLACED + target.getFileName());
        boolean exists = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
        if (exists) {
            Files.move(target, before, StandardCopyOption.ATOMIC_MOVE);
        }
        try {
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (exists) {
                putBack(before, target, e);
            }
            throw e;
        }
        AtomicFile.flushDirectory(dir);
        if (exists) {
            Leftover.remove(before);
        }
    }

    private static void putBack(Path before, Path target, IOException failure) {
        try {
            Files.move(before, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            failure.addSuppressed(e); // recover() does it before the next write
        }
    }

    private static UncheckedIOException failed(Path target, Path unfinished, IOException e) {
        UncheckedIOException failure = new UncheckedIOException(
                "cannot write the checkpoint " + target + " (earlier ones are untouched): " + e, e);
        try {
            Directories.delete(unfinished);
        } catch (IOException | UncheckedIOException left) {
            failure.addSuppressed(left); // recover() does it before the next write
        }
        return failure;
    }

    /** The checkpoints of the directory whose manifest can be read, newest first; their files are not looked at. */
    public List<Manifest> list() {
        List<Manifest> out = new ArrayList<>();
        for (Path candidate : candidates()) {
            try {
                out.add(manifestOf(candidate));
            } catch (CheckpointException | UncheckedIOException e) {
                LOG.warn("{} is ignored: {}", candidate, e.getMessage());
            }
        }
        return out;
    }

    /**
     * The checkpoint with the lowest metric, which {@link Retention#best} keeps; its files are not looked at.
     *
     * @return empty if no checkpoint has a metric
     */
    public Optional<Path> best() {
        return Retention.lowest(list()).map(manifest -> directory(manifest.step()));
    }

    /**
     * The newest checkpoint that is whole to the last bit; broken and foreign directories are skipped with a warning.
     *
     * @return empty if there is no checkpoint at all
     * @throws CheckpointException if there are some and none is whole, so that no run silently starts again
     */
    public Optional<Path> newestIntact() {
        RuntimeException undecided = null;
        for (Path candidate : candidates()) {
            try {
                manifestOf(candidate).verify(candidate);
                return Optional.of(candidate);
            } catch (CheckpointException e) {
                LOG.warn("{} is skipped: {}", candidate, e.getMessage());
                boolean tellsMore = e instanceof OtherFormatException && !(undecided instanceof OtherFormatException);
                undecided = undecided == null || tellsMore ? e : undecided;
            } catch (UncheckedIOException e) {
                LOG.warn("{} is skipped: {}: {}", candidate, e.getMessage(), e.getCause());
                undecided = e;
            }
        }
        if (undecided == null) {
            return Optional.empty();
        }
        throw new CheckpointException(
                "no checkpoint of " + dir + " is whole, but there is "
                        + reason(undecided)
                        + "move it away to start again",
                undecided);
    }

    private static String reason(RuntimeException undecided) {
        if (undecided instanceof UncheckedIOException) {
            return "one that could not be read (" + undecided.getCause() + "); see that the disk answers, or ";
        }
        String kind = undecided instanceof OtherFormatException ? "one of another format" : "a damaged one";
        return kind + " (" + undecided.getMessage() + "); ";
    }

    private static Manifest manifestOf(Path candidate) {
        Manifest manifest = Manifest.read(candidate);
        if (manifest.step() != step(candidate)) {
            throw new CheckpointException(candidate + " holds the checkpoint of step " + manifest.step()
                    + "; the directory was renamed or its manifest exchanged");
        }
        return manifest;
    }

    /**
     * Removes the checkpoints that no rule keeps.
     *
     * @throws UncheckedIOException if one cannot be removed; it is no checkpoint any more, or still whole
     */
    public void prune(Retention retention) {
        for (Manifest superfluous : retention.superfluous(list())) {
            try {
                discard(directory(superfluous.step()));
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "the old checkpoint " + directory(superfluous.step()) + " cannot be removed: " + e, e);
            }
        }
    }

    /** Whether a directory is one of the checkpoints here, whole or not; any path to it will do. */
    public boolean holds(Path checkpoint) {
        return FileCall.get("cannot tell whether " + checkpoint + " lies in " + dir, () -> {
            Path real = checkpoint.toRealPath();
            for (Path candidate : candidates()) {
                if (candidate.toRealPath().equals(real)) {
                    return true;
                }
            }
            return false;
        });
    }

    /**
     * Sets aside the checkpoints above a step, whole or not, the newest first. If this stops halfway, what is left is
     * the older part of the branch. Only a writer may.
     *
     * @param step that training goes on from; -1 for none of the checkpoints here
     * @throws UncheckedIOException if one cannot be renamed; nothing is removed
     */
    public void setAsideAbove(int step) {
        if (!Files.isDirectory(dir)) {
            return;
        }
        try {
            recover();
            String why = step < 0 ? "this run does not descend from it" : "training goes on from step " + step;
            boolean renamed = false;
            // One at a time: a leftover that could not be removed counts again once the name that it was replaced under
            // is free.
            for (Optional<Path> next = above(step); next.isPresent(); next = above(step)) {
                Abandoned.setAside(next.get(), why);
                renamed = true;
            }
            if (renamed) {
                AtomicFile.flushDirectory(dir);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot set aside the checkpoints of " + dir + " that this run does not descend from (nothing is"
                            + " lost; move them away, or choose another run directory): " + e,
                    e);
        }
    }

    private Optional<Path> above(int step) {
        return candidates().stream().filter(c -> step(c) > step).findFirst();
    }

    private List<Path> candidates() {
        if (!Files.isDirectory(dir)) {
            return List.of();
        }
        return FileCall.get(
                "cannot list the run directory " + dir,
                () -> Directories.named(dir, NAME).stream()
                        .filter(Files::isDirectory)
                        .filter(f -> !isReplaced(f) || Files.notExists(directory((int) step(f))))
                        .sorted(Comparator.comparingLong(CheckpointStore::step).reversed())
                        .toList());
    }

    private static long step(Path checkpoint) {
        return stepOf(checkpoint.getFileName().toString());
    }

    /** The step of a checkpoint with this name, -1 for any other name. */
    static long stepOf(String checkpoint) {
        Matcher name = NAME.matcher(checkpoint);
        return name.matches() ? Long.parseLong(name.group(1)) : -1;
    }

    private static boolean isReplaced(Path directory) {
        return directory.getFileName().toString().startsWith(REPLACED);
    }

    /** Renames it first, so that a deletion that stops halfway leaves nothing that looks like a checkpoint. */
    private void discard(Path checkpoint) throws IOException {
        Path discarded = dir.resolve(DISCARDED + checkpoint.getFileName());
        Directories.delete(discarded);
        Files.move(checkpoint, discarded, StandardCopyOption.ATOMIC_MOVE);
        Directories.delete(discarded);
    }

    /** Cleans up what a writer that died or failed has left. Only a writer may, and there is one. */
    private void recover() throws IOException {
        for (Path leftover : Directories.named(dir, LEFT)) {
            String name = leftover.getFileName().toString();
            Path target = dir.resolve(name.substring(name.indexOf('-') + 1));
            if (isReplaced(leftover) && Files.notExists(target, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(leftover, target, StandardCopyOption.ATOMIC_MOVE);
                LOG.warn("{} was to be replaced, and the writer did not come to it: it has its name again", target);
            } else {
                Leftover.remove(leftover);
            }
        }
    }
}
