package io.github.psft4j.monitor;

import io.github.psft4j.monitor.files.RunDirectory;
import io.github.psft4j.train.TrainerListener;
import java.nio.file.Path;
import java.util.List;

/** Ready sets of listeners: {@code builder.listeners(Listeners.defaults(dir))}. */
public final class Listeners {

    private Listeners() {}

    /**
     * What most runs want: a progress bar and {@code metrics.jsonl}.
     *
     * @param runDirectory created when the run starts
     */
    public static List<TrainerListener> defaults(Path runDirectory) {
        RunDirectory files = new RunDirectory(runDirectory);
        return List.of(
                new ProgressListener(runDirectory.toAbsolutePath().getFileName().toString()),
                new JsonlMetrics(files.metrics()));
    }
}
