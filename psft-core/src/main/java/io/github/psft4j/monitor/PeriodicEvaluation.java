package io.github.psft4j.monitor;

import io.github.psft4j.monitor.files.LineFile;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainingPlan;
import io.github.psft4j.train.TrainingSummary;
import java.nio.file.Path;

/**
 * Evaluates at the start of a run, every so many optimizer steps and at its end, and writes a line of a file each time.
 * A resumed run keeps the lines before its step, and has the lines of the straight run in the end: it evaluates the
 * resumed model again only where the straight run evaluates.
 */
abstract class PeriodicEvaluation extends LineListener {

    private final String name;
    private final Path file;
    private final int everySteps;
    private int lastStep = -1;

    PeriodicEvaluation(String name, Path file, int everySteps) {
        this.name = name;
        this.file = file;
        this.everySteps = everySteps;
    }

    /** Evaluates the model after this step and passes the line to {@link #write}. */
    abstract void evaluate(int step);

    final void write(String line) {
        out.write(line);
    }

    /** The last step after which the model was evaluated; -1 before the first. */
    final int lastStep() {
        return lastStep;
    }

    @Override
    public void onStart(TrainingPlan plan) {
        int resumed = plan.resumedStep();
        out = resumed == 0
                ? new LineFile(name, file)
                : LineFile.continued(name, file, LineFile::stepOfJson, resumed - 1);
        if (resumed % everySteps == 0) {
            run(resumed);
        }
    }

    @Override
    public void onStep(StepMetrics metrics) {
        if (metrics.step() % everySteps == 0) {
            run(metrics.step());
        }
    }

    @Override
    public void onEnd(TrainingSummary summary) {
        if (lastStep != summary.steps()) {
            run(summary.steps());
        }
    }

    private void run(int step) {
        lastStep = step;
        evaluate(step);
    }
}
