package io.github.psft4j.train;

import io.github.psft4j.data.Demonstration;
import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenLoss;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Fine-tunes a {@link CausalLm} on demonstrations.
 *
 * <pre>
 * for macro in macro-batches:
 *     old = log-probs of mini-batches 2..K under the weights as they are now
 *     for mini in macro:
 *         gradient of the objective with r = pi_theta / pi_old    (mini-batch 1: r = 1)
 *         clip the global norm, AdamW                             (a non-finite gradient skips the step)
 * </pre>
 *
 * <p>SFT is the same loop with an objective that takes no old log-probs, and PSFT with K = 1 is SFT to the last bit of
 * the gradient.
 */
public final class PsftTrainer {

    private final CausalLm model;
    private final TrainerSettings settings;
    private final List<TrainerListener> listeners;
    private final CheckpointPolicy checkpoints; // null: none are written
    private final Path resumeFrom; // null: from the start
    private volatile boolean stopRequested;

    PsftTrainer(
            CausalLm model,
            TrainerSettings settings,
            List<TrainerListener> listeners,
            CheckpointPolicy checkpoints,
            Path resumeFrom) {
        this.checkpoints = checkpoints;
        this.resumeFrom = resumeFrom;
        Set<Column> unknown = EnumSet.noneOf(Column.class);
        unknown.addAll(settings.objective().columns());
        unknown.remove(Column.OLD_LOG_PROB);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "objective " + settings.objective().name() + " needs label columns " + unknown
                            + ", which demonstrations do not carry");
        }
        this.model = model;
        this.settings = settings;
        this.listeners = List.copyOf(listeners);
    }

    /** A builder with the paper's defaults. */
    public static TrainerBuilder builder(CausalLm model) {
        return new TrainerBuilder(model);
    }

    /** The settings of this trainer. */
    public TrainerSettings settings() {
        return settings;
    }

    /**
     * Trains the model in place.
     *
     * @throws IllegalArgumentException naming the demonstration, if one does not fit the model, or the reason why its precision is not
     *     possible on this machine
     * @throws TrainingDivergedException if too many steps in a row had to be skipped
     */
    public TrainingSummary fit(List<Demonstration> demonstrations) {
        List<Demonstration> data = Collections.unmodifiableList(demonstrations); // not copied: it may lie on disk
        check(data);
        model.setPrecision(settings.precision());
        TokenLoss before = model.loss();
        try {
            TrainingRun run = new TrainingRun(model, settings, data, listeners, () -> stopRequested);
            if (resumeFrom != null) {
                run.resume(resumeFrom);
            }
            return run.run(checkpoints);
        } finally {
            model.setLoss(before);
            listeners.forEach(TrainerListener::close);
        }
    }

    /**
     * Ends {@link #fit} after the step that it is in, with a checkpoint if there is a policy; may be called from any thread, such as
     * a shutdown hook. Later calls of fit end at once as well.
     */
    public void requestStop() {
        stopRequested = true;
    }

    private void check(List<Demonstration> data) {
        if (data.isEmpty()) {
            throw new IllegalArgumentException("there are no demonstrations to train on");
        }
        int vocabulary = model.config().vocabSize();
        int longest = model.config().maxPositions() + 1;
        for (int i = 0; i < data.size(); i++) {
            int[] tokens = data.get(i).tokens();
            if (tokens.length > longest) {
                throw new IllegalArgumentException("demonstration " + i + " has " + tokens.length
                        + " tokens, the model takes " + longest + " (max_position_embeddings + 1); shorten or drop it");
            }
            for (int t = 0; t < tokens.length; t++) {
                if (tokens[t] >= vocabulary) {
                    throw new IllegalArgumentException(
                            "demonstration " + i + ": token id " + tokens[t] + " at position "
                                    + t + " is outside the vocabulary [0, " + vocabulary
                                    + "); check that the tokenizer belongs to the model");
                }
            }
        }
    }
}
