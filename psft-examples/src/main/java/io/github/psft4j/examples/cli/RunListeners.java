package io.github.psft4j.examples.cli;

import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.examples.config.Keys;
import io.github.psft4j.examples.config.RunConfig;
import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.monitor.JsonlMetrics;
import io.github.psft4j.monitor.ProgressListener;
import io.github.psft4j.monitor.files.RunDirectory;
import io.github.psft4j.train.ModelCheckpoints;
import io.github.psft4j.train.TrainerBuilder;
import java.nio.file.Path;

/** The listeners that a configuration asks for. */
final class RunListeners {

    private RunListeners() {}

    static void add(
            TrainerBuilder builder,
            RunConfig config,
            CausalLm model,
            Path runDir,
            DemonstrationSet heldOut,
            boolean quiet) {
        RunDirectory files = new RunDirectory(runDir);
        builder.listener(new JsonlMetrics(files.metrics()));
        if (!quiet) {
            builder.listener(new ProgressListener(config.get(Keys.OBJECTIVE_NAME)));
        }
        int every = config.get(Keys.CHECKPOINT_EVERY);
        if (every > 0) {
            builder.listener(new ModelCheckpoints(model, runDir, every));
        }
    }
}
