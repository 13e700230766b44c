package io.github.psft4j.train;

import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.checkpoint.RunLock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

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
    private final CausalLm reference; // null without one
    private final Path referenceCache; // null without one
    private final Persistence persistence;
    private volatile boolean stopRequested;

    PsftTrainer(
            CausalLm model,
            TrainerSettings settings,
            List<TrainerListener> listeners,
            CausalLm reference,
            Path referenceCache,
            Persistence persistence) {
        ReferenceScores.check(settings.goal().objective(), model, reference);
        checkScope(settings);
        this.persistence = persistence;
        Set<Column> unknown = EnumSet.noneOf(Column.class);
        unknown.addAll(settings.goal().objective().columns());
        unknown.remove(Column.OLD_LOG_PROB);
        unknown.remove(Column.REF_LOG_PROB);
        unknown.remove(Column.WEIGHT);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "objective " + settings.goal().objective().name() + " needs label columns " + unknown
                            + ", which demonstrations do not carry");
        }
        this.model = model;
        this.settings = settings;
        this.listeners = List.copyOf(listeners);
        this.reference = reference;
        this.referenceCache = referenceCache;
    }

    private static void checkScope(TrainerSettings settings) {
        TokenObjective objective = settings.goal().objective();
        if (objective.scope() == Scope.BATCH
                && settings.batch().microBatch() != settings.batch().miniBatch()) {
            throw new IllegalArgumentException("objective " + objective.name()
                    + " looks at the whole mini-batch, so microBatch must be miniBatch ("
                    + settings.batch().miniBatch()
                    + "), was " + settings.batch().microBatch());
        }
        if (objective.scope() == Scope.PAIR) {
            if (settings.batch().microBatch() % 2 != 0 || settings.batch().miniBatch() % 2 != 0) {
                throw new IllegalArgumentException("objective " + objective.name()
                        + " trains pairs of sequences, chosen then rejected, so microBatch and miniBatch must be even;"
                        + " were " + settings.batch().microBatch() + " and "
                        + settings.batch().miniBatch());
            }
            if (!settings.goal().sftWarmup().equals(WarmupSchedule.none())) {
                throw new IllegalArgumentException("objective " + objective.name()
                        + " takes no SFT warm-up, which would train the rejected sequences too");
            }
        }
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
     * <p>An interrupt of the calling thread, such as by {@code Future.cancel(true)}, ends the run as {@link #requestStop} does: after the
     * step that it is in, with the last checkpoint, and with all that is recorded. The thread is interrupted again when this returns.
     *
     * <p>With checkpoints the run directory is locked before any listener is told of the run, and until all of them are closed.
     *
     * @throws IllegalArgumentException naming the demonstration, if one does not fit the model, or the reason why its precision is not
     *     possible on this machine
     * @throws TrainingDivergedException if too many steps in a row had to be skipped
     * @throws java.io.UncheckedIOException if checkpoints of another run, or of a branch that was left, cannot be set aside
     * @throws TrainingMemoryException if memory ran out, on or off the Java heap
     * @throws io.github.psft4j.train.checkpoint.CheckpointWriteException if too many checkpoints in a row could not be written, or
     *     the one of the last step: the model then has the trained weights
     * @throws io.github.psft4j.train.checkpoint.CheckpointException if another trainer writes to the run directory, or what the run is to
     *     be resumed from cannot be used
     */
    public TrainingSummary fit(List<Demonstration> demonstrations) {
        // A DemonstrationSet never changes and keeps its tokens outside the heap: a copy would bring them in.
        List<Demonstration> data =
                demonstrations instanceof DemonstrationSet ? demonstrations : new ArrayList<>(demonstrations);
        check(data);
        model.setPrecision(settings.precision());
        TokenLoss before = model.loss();
        try (Interrupts interrupts = new Interrupts();
                RunLock lock = persistence.lock()) {
            return run(data, interrupts);
        } catch (OutOfMemoryError | RuntimeException e) {
            OutOfMemoryError memory = MemoryAdvice.find(e).orElse(null);
            if (memory == null) {
                throw e;
            }
            throw new TrainingMemoryException(MemoryAdvice.of(memory) + ", or need less: " + lessMemory(data), e);
        } finally {
            model.setLoss(before);
        }
    }

    /** The run, after which every listener is closed; what fails then is told beside what broke the run off, not instead. */
    private TrainingSummary run(List<Demonstration> data, Interrupts interrupts) {
        Throwable broken = null;
        try {
            ReferenceCache cache = referenceCache == null ? null : new ReferenceCache(referenceCache);
            ReferenceScores references =
                    new ReferenceScores(reference, cache, data, settings.batch().microBatch());
            BooleanSupplier stop = () -> interrupts.requested() || stopRequested;
            TrainingLoop run = new TrainingLoop(model, settings, data, listeners, references, stop);
            if (persistence.resumeFrom() != null) {
                run.resume(persistence.resumeFrom());
            }
            return run.run(persistence.checkpoints());
        } catch (RuntimeException | Error e) {
            broken = e;
            throw e;
        } finally {
            closeAll(interrupts, broken);
        }
    }

    private String lessMemory(List<Demonstration> data) {
        int longest = data.stream().mapToInt(Demonstration::length).max().orElse(0);
        return (settings.batch().microBatch() > 1
                        ? "a smaller micro-batch than " + settings.batch().microBatch()
                                + " (never changes the result), "
                        : "")
                + (settings.batch().packing() > 0
                        ? "shorter rows than " + settings.batch().packing() + " tokens, "
                        : "")
                + "shorter demonstrations than the longest, " + longest + " tokens, or a smaller model ("
                + model.config().parameters()
                + " parameters take 16 bytes each and 12 more for asynchronous checkpoints)";
    }

    /**
     * Closes every listener, whatever another one does; the first failure carries the later ones. A listener may throw at closing what
     * it threw before, which does not suppress itself.
     *
     * @param broken what broke the run off, null if nothing did; it is left to the caller to throw
     */
    private void closeAll(Interrupts interrupts, Throwable broken) {
        Throwable first = broken;
        for (TrainerListener listener : listeners) {
            interrupts.requested(); // whatever it writes is written
            try {
                listener.close();
            } catch (RuntimeException | Error e) {
                if (first == null) {
                    first = e;
                } else if (first != e) {
                    first.addSuppressed(e);
                }
            }
        }
        if (broken == null && first instanceof Error e) {
            throw e;
        }
        if (broken == null && first instanceof RuntimeException e) {
            throw e;
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
        if (settings.goal().objective().scope() == Scope.PAIR && data.size() % 2 != 0) {
            throw new IllegalArgumentException(
                    "objective " + settings.goal().objective().name()
                            + " trains pairs, chosen then rejected, but there are " + data.size() + " sequences");
        }
        int vocabulary = model.config().vocabSize();
        long longest = model.config().longestSequence() + 1L;
        for (int i = 0; i < data.size(); i++) {
            if (data.get(i) == null) {
                throw new IllegalArgumentException("demonstration " + i + " is null");
            }
            int[] tokens = data.get(i).tokens();
            if (tokens.length > longest) {
                throw new IllegalArgumentException("demonstration " + i + " has " + tokens.length
                        + " tokens, the model takes " + longest + " (its positions + 1); shorten or drop it");
            }
            if (settings.batch().packing() > 0
                    && tokens.length - 1 > settings.batch().packing()) {
                throw new IllegalArgumentException("demonstration " + i + " takes " + (tokens.length - 1)
                        + " positions, a packed row has " + settings.batch().packing()
                        + "; raise packing, or shorten or drop it");
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
