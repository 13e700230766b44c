package io.github.psft4j.cli.train;

import io.github.psft4j.data.rows.DataFiles;
import io.github.psft4j.io.Directories;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.train.checkpoint.CheckpointCopies;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.checkpoint.DirectoryStorage;
import io.github.psft4j.train.checkpoint.RunLock;
import io.github.psft4j.train.slice.SliceWorkers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes the directory of a run, and takes care that no earlier run is lost by accident. */
public final class RunDirectories {

    /** Every setting of the run with its origin. */
    static final String RESOLVED = "config.resolved.yaml";

    /** Machine and versions. */
    static final String ENVIRONMENT = "environment.json";

    /** The trained model. */
    static final String FINAL = "final";

    /** The files that a run writes, and no others: only these are removed when a run is replaced. */
    private static final Pattern OF_A_RUN =
            Pattern.compile("config\\.resolved\\.yaml|environment\\.json|metrics\\.jsonl"
                    + "|metrics\\.csv|samples\\.jsonl|eval\\.jsonl|warnings\\.jsonl|clipped-tokens\\.json|report\\.html"
                    + "|tensorboard|mlflow|plots|tasks|tasks\\.jsonl|final"
                    + "|(\\.unfinished-|\\.discarded-|\\.replaced-)?step-\\d{8,10}"
                    + "|abandoned-step-\\d{8,10}(-\\d+)?");

    private static final Predicate<Path> CHECKPOINT =
            file -> file.getFileName().toString().matches("step-\\d{8,10}");

    private static final Pattern COPY = Pattern.compile("(.+)/(step-\\d{8,10})/?");

    /** The value of --resume for the newest intact checkpoint. */
    private static final String NEWEST = "auto";

    private RunDirectories() {}

    /**
     * The checkpoint that --resume names, null for none. One of another file system is fetched into the run directory.
     *
     * @param resume {@code auto}, a directory, its URI, or null
     * @param overwrite whether a finished run there may be replaced
     * @param copies where the checkpoints of the run are copied to, null for nowhere
     * @param workers of the cluster, null for none
     */
    static Path checkpoint(
            String resume, Path runDir, boolean overwrite, DirectoryStorage copies, SliceWorkers workers) {
        if (resume == null) {
            return null;
        }
        if (resume.equals(NEWEST)) {
            Optional<Path> newest = copies == null
                    ? new CheckpointStore(runDir).newestIntact()
                    : new CheckpointCopies(runDir, copies).newestIntact();
            if (newest.isEmpty() && !overwrite) {
                requireUnfinished(runDir);
            }
            return newest.orElse(null);
        }
        if (DataFiles.isRemote(resume)) {
            Matcher parts = COPY.matcher(resume);
            if (workers == null || !parts.matches()) {
                throw new RefusedException("--resume " + resume
                        + ": give DIRECTORY/step-NNNNNNNN of a file system of Hadoop, and --cluster MASTER, which reads"
                        + " it; or auto, or a directory of this machine");
            }
            return new CheckpointCopies(runDir, workers.directory(parts.group(1))).fetch(parts.group(2));
        }
        Path dir = Path.of(resume);
        if (!Files.isDirectory(dir)) {
            throw new RefusedException(
                    "--resume " + resume + ": no such directory; give a step-NNNNNNNN of a run, or auto");
        }
        return dir;
    }

    /**
     * Makes the directory of a run if it is not there, and keeps other trainers out of it until the lock is closed.
     *
     * @throws RefusedException if it is a file
     * @throws io.github.psft4j.train.checkpoint.CheckpointException if another trainer writes there; nothing is changed
     */
    static RunLock lock(Path dir) {
        Directories.requirePlace("run.dir", dir);
        return RunLock.acquire(dir);
    }

    /**
     * Checks a locked directory before a new run.
     *
     * @throws RefusedException if it holds a run already
     */
    public static void requireNone(Path dir) throws IOException {
        List<Path> old = Directories.named(dir, OF_A_RUN);
        if (!old.isEmpty()) {
            boolean checkpoints = old.stream().anyMatch(CHECKPOINT);
            throw new RefusedException("run.dir " + dir + " holds a run already ("
                    + old.get(0).getFileName() + "); choose another with --set run.dir=DIR, "
                    + (checkpoints ? "go on with --resume auto, " : "")
                    + "or replace it with --set run.overwrite=true");
        }
    }

    /**
     * Checks a run to resume that has no checkpoint. If it ended before its first checkpoint, it may start again.
     *
     * @throws RefusedException if it finished
     */
    private static void requireUnfinished(Path dir) {
        if (Files.exists(dir.resolve(FINAL))) {
            throw new RefusedException("--resume auto: run.dir " + dir + " holds a finished run (" + FINAL
                    + ") and no checkpoint to go on from; choose another with --set run.dir=DIR, or replace it with"
                    + " --set run.overwrite=true");
        }
    }

    /** Empties a directory of what an earlier run wrote. */
    public static void clear(Path dir) {
        FileCall.run("cannot remove the run that lies in run.dir " + dir, () -> {
            for (Path file : Directories.named(dir, OF_A_RUN)) {
                Directories.delete(file);
            }
        });
    }
}
