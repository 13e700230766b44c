package io.github.psft4j.monitor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.monitor.event.Evaluation;
import io.github.psft4j.monitor.event.EvaluationListener;
import io.github.psft4j.monitor.event.LogNumbers;
import io.github.psft4j.monitor.files.LineFile;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Ends a run when the NLL of held-out demonstrations has stopped falling.
 *
 * <pre>{@code
 * HeldOutEvaluation evaluation = new HeldOutEvaluation(model, heldOut, 50, dir.resolve("eval.jsonl"));
 * EarlyStopping stopping = new EarlyStopping(3, 0);
 * evaluation.tell(stopping);
 * builder.listener(stopping).listener(evaluation)
 * }</pre>
 *
 * <p>The model before training counts as the first evaluation. The model keeps the weights of the last step. For those
 * with the lowest NLL, keep the best checkpoint ({@code CheckpointPolicy.bestBy}) and restore it afterwards: {@code new
 * CheckpointStore(dir).best().ifPresent(model::restore)}.
 */
public final class EarlyStopping implements TrainerListener, EvaluationListener {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final int patience;
    private final double minDelta;
    private final Path evaluations; // null: a resumed run counts from its first evaluation
    private double best;
    private int bestStep;
    private int without;
    private int counted; // last step that was counted from the file, -1 for none

    /**
     * @param patience evaluations in a row without a lower NLL after which the run ends, at least 1
     * @param minDelta by how much an NLL must be lower than the lowest one before, nats/token, 0 or above
     * @throws IllegalArgumentException naming the one that is out of range
     */
    public EarlyStopping(int patience, double minDelta) {
        this(patience, minDelta, null);
    }

    /**
     * @param evaluations {@code eval.jsonl} of the run, from which a resumed run goes on counting; null to begin again.
     *     Register this listener before the evaluation, which rewrites the file
     */
    public EarlyStopping(int patience, double minDelta, Path evaluations) {
        if (patience < 1) {
            throw new IllegalArgumentException("patience must be at least 1 evaluation, was " + patience);
        }
        if (!(minDelta >= 0 && minDelta < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("minDelta must be 0 or above, in nats/token, was " + minDelta);
        }
        this.patience = patience;
        this.minDelta = minDelta;
        this.evaluations = evaluations;
        reset();
    }

    private void reset() {
        best = Double.POSITIVE_INFINITY;
        bestStep = 0;
        without = 0;
    }

    @Override
    public void onStart(TrainingPlan plan) {
        reset();
        counted = -1;
        if (evaluations != null && plan.resumedStep() > 0 && Files.exists(evaluations)) {
            goOnAfter(plan.resumedStep());
        }
    }

    /** Counts the evaluations of the interrupted run, so that the resumed one ends where it would have ended. */
    private void goOnAfter(int resumedStep) {
        FileCall.run("cannot read " + evaluations + " to go on counting", () -> {
            for (String line : new String(Files.readAllBytes(evaluations), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                long step = LineFile.stepOfJson(line);
                if (step <= resumedStep) {
                    JsonNode row = JSON.readTree(line);
                    count((int) step, row.path(row.has("loss") ? "loss" : "nll").asDouble(Double.NaN));
                }
            }
        });
        counted = resumedStep;
    }

    @Override
    public void onEvaluation(Evaluation evaluation) {
        if (evaluation.step() > counted) { // a resumed run evaluates the model that it starts from once more
            count(evaluation.step(), evaluation.score());
        }
    }

    private void count(int step, double nll) {
        if (nll < best - minDelta) {
            best = nll;
            bestStep = step;
            without = 0;
        } else {
            without++;
        }
    }

    @Override
    public Optional<String> stopReason() {
        return without < patience
                ? Optional.empty()
                : Optional.of("the held-out NLL has not fallen"
                        + (minDelta > 0 ? " by more than " + LogNumbers.four(minDelta) : "") + " in " + without
                        + " evaluations, since step " + bestStep + " (" + LogNumbers.four(best) + " nats/token)");
    }
}
