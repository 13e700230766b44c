package io.github.psft4j.monitor.tensorboard;

import io.github.psft4j.io.Shown;
import io.github.psft4j.monitor.event.Evaluation;
import io.github.psft4j.monitor.event.EvaluationListener;
import io.github.psft4j.monitor.event.StepField;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes metrics for TensorBoard: {@code tensorboard --logdir RUNS}. Step metrics appear under {@code train/}, held-out
 * ones under {@code eval/}, sample generations in the tab "Text". Values are single precision, as TensorBoard's are.
 *
 * <p>TensorBoard shows the files in one directory as one run, so give every run a directory of its own. A new run
 * replaces event files that this class left there. A resumed run keeps their steps up to its checkpoint and goes on in
 * a second file, {@code events.out.tfevents.SECONDS.psft4j.PID.MILLIS}. So readers see each step once.
 */
public final class TensorBoardListener implements TrainerListener, EvaluationListener {

    private final Path directory;
    private final Clock clock;
    private EventFile events;
    private int resumedStep;
    private Set<String> measured = Set.of(); // tags that the resumed step has already

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
        resumedStep = plan.resumedStep();
        EventHistory history = EventHistory.cut(directory, resumedStep > 0 ? resumedStep : -1);
        measured = history.tags();
        long millis = clock.millis();
        // Readers take files in the order of their names.
        String name = Shown.format(
                "events.out.tfevents.%010d.psft4j.%d.%03d",
                Math.max(millis / 1000, history.lastSeconds() + 1),
                ProcessHandle.current().pid(),
                millis % 1000);
        events = new EventFile(directory.resolve(name), clock);
        if (history.found() || resumedStep > 0) {
            events.restart(resumedStep > 0 ? resumedStep + 1 : 0); // for a TensorBoard that is running
        }
    }

    @Override
    public void onStep(StepMetrics metrics) {
        List<EventFile.Scalar> scalars = new ArrayList<>();
        for (StepField field : StepField.curves()) {
            scalars.add(new EventFile.Scalar("train/" + field.label(), field.number(metrics)));
        }
        metrics.measures().forEach((name, value) -> scalars.add(new EventFile.Scalar("train/" + name, value)));
        events.scalars(metrics.step(), scalars);
    }

    @Override
    public void onEvaluation(Evaluation evaluation) {
        Stream<EventFile.Scalar> always = Stream.of(
                new EventFile.Scalar("eval/nll", evaluation.nll()),
                new EventFile.Scalar("eval/perplexity", evaluation.perplexity()),
                new EventFile.Scalar("eval/entropy", evaluation.entropy()));
        Stream<EventFile.Scalar> measures = evaluation.measures().entrySet().stream()
                .map(measure -> new EventFile.Scalar("eval/" + measure.getKey(), measure.getValue()));
        List<EventFile.Scalar> scalars = Stream.concat(always, measures)
                .filter(scalar -> isNew(evaluation.step(), scalar.tag()))
                .toList();
        if (!scalars.isEmpty()) {
            events.scalars(evaluation.step(), scalars);
        }
        for (int i = 0; i < evaluation.samples().size(); i++) {
            Evaluation.Sample sample = evaluation.samples().get(i);
            String tag = "samples/" + i;
            if (isNew(evaluation.step(), tag)) {
                events.text(evaluation.step(), tag, quoted(sample.prompt()) + "\n\n" + sample.continuation());
            }
        }
    }

    /** The resumed model is evaluated again, with the result that the first file has. */
    private boolean isNew(int step, String tag) {
        return step != resumedStep || !measured.contains(tag);
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
