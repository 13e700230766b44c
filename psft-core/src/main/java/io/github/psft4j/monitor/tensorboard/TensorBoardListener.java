package io.github.psft4j.monitor.tensorboard;

import io.github.psft4j.monitor.event.Evaluation;
import io.github.psft4j.monitor.event.EvaluationListener;
import io.github.psft4j.monitor.event.StepField;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/**
 * Writes metrics for TensorBoard: {@code tensorboard --logdir RUNS}. Step metrics appear under {@code train/}, held-out
 * ones under {@code eval/}, sample generations in the tab "Text". Values are single precision, as TensorBoard's are.
 *
 * <p>Every run gets a file of its own, {@code events.out.tfevents.SECONDS.psft4j.PID}. TensorBoard shows the files in
 * one directory as one run, so give every run a directory of its own. A resumed run writes a second file into its
 * directory, which replaces the first file's steps after the checkpoint.
 */
public final class TensorBoardListener implements TrainerListener, EvaluationListener {

    private final Path directory;
    private final Clock clock;
    private EventFile events;

    /** @param directory created when the run starts */
    public TensorBoardListener(Path directory) {
        this(directory, Clock.systemUTC());
    }

    TensorBoardListener(Path directory, Clock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    @Override
    public void onStart(TrainingPlan plan) {
        long millis = clock.millis();
        String name = "events.out.tfevents." + millis / 1000 + ".psft4j."
                + ProcessHandle.current().pid() + "." + millis % 1000;
        events = new EventFile(directory.resolve(name), clock);
        if (plan.resumedStep() > 0) {
            events.restart(plan.resumedStep() + 1);
        }
    }

    @Override
    public void onStep(StepMetrics metrics) {
        List<EventFile.Scalar> scalars = StepField.curves().stream()
                .map(field -> new EventFile.Scalar("train/" + field.label(), field.number(metrics)))
                .toList();
        events.scalars(metrics.step(), scalars);
    }

    @Override
    public void onEvaluation(Evaluation evaluation) {
        events.scalars(
                evaluation.step(),
                List.of(
                        new EventFile.Scalar("eval/nll", evaluation.nll()),
                        new EventFile.Scalar("eval/perplexity", evaluation.perplexity()),
                        new EventFile.Scalar("eval/entropy", evaluation.entropy())));
        for (int i = 0; i < evaluation.samples().size(); i++) {
            Evaluation.Sample sample = evaluation.samples().get(i);
            events.text(evaluation.step(), "samples/" + i, quoted(sample.prompt()) + "\n\n" + sample.continuation());
        }
    }

    /** A Markdown quotation. */
    private static String quoted(String text) {
        return "> " + text.replace("\n", "\n> ");
    }

    @Override
    public void close() {
        if (events != null) {
            events.close();
        }
    }
}
