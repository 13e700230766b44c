package io.github.psft4j.monitor;

import io.github.psft4j.monitor.files.RunDirectory;
import io.github.psft4j.monitor.report.RunReport;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes the HTML report when the run ends, in any way, from what the other listeners wrote into the run directory.
 * Register it after them. It needs {@link JsonlMetrics}.
 */
public final class ReportListener implements TrainerListener {

    private final RunDirectory files;
    private boolean started;

    /** @param runDirectory of the run; the report is its {@code report.html} */
    public ReportListener(Path runDirectory) {
        this.files = new RunDirectory(runDirectory);
    }

    @Override
    public void onStart(TrainingPlan plan) {
        started = true;
    }

    @Override
    public void close() {
        if (started && Files.exists(files.metrics())) {
            RunReport.write(List.of(files.path()), files.report());
        }
    }
}
