package io.github.psft4j.examples.cli;

import io.github.psft4j.train.checkpoint.RunLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Makes the directory of a run, and takes care that no earlier run is lost by accident. */
final class RunDirectories {

    /** Every setting of the run with its origin. */
    static final String RESOLVED = "config.resolved.yaml";

    /** Machine and versions. */
    static final String ENVIRONMENT = "environment.json";

    /** The trained model. */
    static final String FINAL = "final";

    /** What a run writes, and nothing else: only this is removed when a run is replaced. */
    private static final Pattern OF_A_RUN =
            Pattern.compile("config\\.resolved\\.yaml|environment\\.json|metrics\\.jsonl"
                    + "|metrics\\.csv|eval\\.jsonl|warnings\\.jsonl|clipped-tokens\\.json|report\\.html|tensorboard|plots|final"
                    + "|(\\.unfinished-|\\.discarded-|\\.replaced-)?step-\\d{8,10}"
                    + "|abandoned-step-\\d{8,10}(-\\d+)?");

    private RunDirectories() {}

    /**
     * Makes the directory of a run if it is not there, and keeps other trainers out of it until the lock is closed.
     *
     * @throws Refusal if it is a file
     * @throws io.github.psft4j.train.checkpoint.CheckpointException if another trainer writes there: it is left as it is
     */
    static RunLock lock(Path dir) {
        if (Files.exists(dir) && !Files.isDirectory(dir)) {
            throw new Refusal("run.dir " + dir + " is a file; give a directory");
        }
        return RunLock.acquire(dir);
    }

    /**
     * Empties the locked directory of a new run of what an earlier one wrote.
     *
     * @throws Refusal if it holds a run already and overwrite is false
     */
    static void prepare(Path dir, boolean overwrite) throws IOException {
        List<Path> old;
        try (Stream<Path> files = Files.list(dir)) {
            old = files.filter(file ->
                            OF_A_RUN.matcher(file.getFileName().toString()).matches())
                    .toList();
        }
        if (!old.isEmpty() && !overwrite) {
            throw new Refusal(
                    "run.dir " + dir + " holds a run already (" + old.get(0).getFileName()
                            + "); choose another with --set run.dir=DIR, go on with --resume auto, or replace it with"
                            + " --set run.overwrite=true");
        }
        for (Path file : old) {
            delete(file);
        }
    }

    private static void delete(Path path) throws IOException {
        try (Stream<Path> inside = Files.walk(path)) {
            for (Path file : inside.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
