package io.github.psft4j.cli.eval;

import io.github.psft4j.eval.run.Item;
import io.github.psft4j.eval.run.TaskListener;
import io.github.psft4j.eval.run.TaskResult;
import io.github.psft4j.io.Shown;
import io.github.psft4j.monitor.Progress;
import io.github.psft4j.monitor.Terminal;
import java.io.PrintWriter;

/** Progress of a task: questions, the mean so far, errors. */
final class EvalProgress implements TaskListener {

    private final PrintWriter err;
    private Progress progress;
    private long done;
    private double sum;
    private int measured;
    private int errors;

    EvalProgress(PrintWriter err) {
        this.err = err;
    }

    @Override
    public void onStart(String task, int total, int kept) {
        if (kept > 0) {
            err.println(task + ": " + kept + " of " + total + " questions are done already");
        }
        done = kept;
        progress = Progress.start(
                task,
                "question",
                total,
                kept,
                Terminal.isInteractive()
                        ? null
                        : line -> {
                            err.println(line);
                            err.flush();
                        });
    }

    @Override
    public void onItem(Item item) {
        done++;
        errors += item.hasError() ? 1 : 0;
        String chief = item.values().keySet().stream().findFirst().orElse(null);
        if (chief != null) {
            sum += item.value(chief);
            measured++;
        }
        progress.at(
                done,
                (measured == 0
                                ? "nothing measured"
                                : Shown.format("%s %.3f", chief == null ? "mean" : chief, sum / measured))
                        + (errors == 0 ? "" : ", errors " + errors));
    }

    @Override
    public void onEnd(TaskResult result) {
        progress.close();
    }
}
