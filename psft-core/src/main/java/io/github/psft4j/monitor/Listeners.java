package io.github.psft4j.monitor;

import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.monitor.files.RunDirectory;
import io.github.psft4j.monitor.signature.FailureSignatures;
import io.github.psft4j.monitor.tensorboard.TensorBoardListener;
import io.github.psft4j.train.TrainerListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Ready sets of listeners: {@code builder.listeners(Listeners.defaults(dir))}.
 *
 * <p>Those that record are wrapped in {@link #keepTraining}: a full disk does not end the run.
 */
public final class Listeners {

    private Listeners() {}

    /**
     * Progress, {@code metrics.jsonl}, TensorBoard events, warnings, and the HTML report at the end.
     *
     * @param runDirectory created when the run starts; its last name is the title of the progress bar
     */
    public static List<TrainerListener> defaults(Path runDirectory) {
        List<TrainerListener> list = recording(new RunDirectory(runDirectory));
        list.add(keepTraining(new TensorBoardListener(new RunDirectory(runDirectory).tensorBoard())));
        list.add(keepTraining(new ReportListener(runDirectory)));
        return List.copyOf(list);
    }

    /**
     * {@link #defaults(Path)}, the report of clipped tokens, and evaluations during the run, which TensorBoard shows,
     * too. A model that cannot be evaluated ends the run.
     *
     * @param tokenizer to write clipped tokens as text; null to write ids
     * @param evaluation writes its file into {@code runDirectory} to be in the report: {@code new
     *     HeldOutEvaluation(model, heldOut, 50, runDirectory.resolve("eval.jsonl"))}
     */
    public static List<TrainerListener> defaults(Path runDirectory, Tokenizer tokenizer, HeldOutEvaluation evaluation) {
        RunDirectory files = new RunDirectory(runDirectory);
        FailSafeListener tensorBoard = FailSafeListener.of(new TensorBoardListener(files.tensorBoard()));
        List<TrainerListener> list = recording(files);
        list.add(keepTraining(new ClippedTokens(files.clippedTokens(), tokenizer)));
        list.add(tensorBoard);
        list.add(evaluation.tell(tensorBoard));
        list.add(keepTraining(new ReportListener(runDirectory)));
        return List.copyOf(list);
    }

    private static List<TrainerListener> recording(RunDirectory files) {
        String name = files.path().toAbsolutePath().normalize().getFileName().toString();
        return new ArrayList<>(List.of(
                new ProgressListener(name),
                keepTraining(new JsonlMetrics(files.metrics())),
                keepTraining(new FailureSignatures(files.warnings()))));
    }

    /**
     * Lets a listener fail alone. A failure before the first step ends the run, because nothing is lost yet. A later
     * failure goes to the log with its stack trace, and training goes on without the listener. When the run ends, the
     * log says once more what is missing.
     */
    public static TrainerListener keepTraining(TrainerListener listener) {
        return FailSafeListener.of(listener);
    }
}
