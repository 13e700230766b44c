package io.github.psft4j.monitor.files;

import java.nio.file.Path;

/**
 * Names of what the listeners write into the directory of a run.
 *
 * @param path the directory; it need not exist yet
 */
public record RunDirectory(Path path) {

    /** Ending of the fields of {@link #tasks} with standard errors. */
    public static final String STDERR = "/stderr";

    /** One JSON object per optimizer step. */
    public Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    /** The same as comma-separated values. */
    public Path metricsCsv() {
        return path.resolve("metrics.csv");
    }

    /** One JSON object per evaluation on held-out demonstrations. */
    public Path evaluations() {
        return path.resolve("eval.jsonl");
    }

    /** One JSON object per evaluation of tasks; standard errors are in fields that end in {@link #STDERR}. */
    public Path tasks() {
        return path.resolve("tasks.jsonl");
    }

    /** Items and result of a task after a step. */
    public Path tasks(int step, String task) {
        return path.resolve("tasks").resolve(String.format("step-%08d", step)).resolve(task);
    }

    /** One JSON object per failure signature that fired. */
    public Path warnings() {
        return path.resolve("warnings.jsonl");
    }

    /** One JSON object per sample of the policy. */
    public Path samples() {
        return path.resolve("samples.jsonl");
    }

    /** Which tokens the clip stopped. */
    public Path clippedTokens() {
        return path.resolve("clipped-tokens.json");
    }

    /** Which held-out rows share text with the training data. */
    public Path overlap() {
        return path.resolve("overlap.json");
    }

    /** Directory of TensorBoard event files. */
    public Path tensorBoard() {
        return path.resolve("tensorboard");
    }

    /** MLflow file store of this run alone. */
    public Path mlflow() {
        return path.resolve("mlflow");
    }

    /** The HTML report. */
    public Path report() {
        return path.resolve("report.html");
    }
}
