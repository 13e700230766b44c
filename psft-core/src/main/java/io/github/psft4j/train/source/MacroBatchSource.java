package io.github.psft4j.train.source;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.Column;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.Sampling;
import java.util.List;
import java.util.Set;

/**
 * Where macro-batches come from: demonstrations, pairs, samples of the policy, the part of a cluster. A source and a
 * token objective make a method of training.
 *
 * <p>A source is a function of the mini-batches that it has given, so that a resumed run gets what the straight run
 * gets.
 */
public interface MacroBatchSource {

    /**
     * The next macro-batch; there is always one.
     *
     * @param policy the model as it is now
     * @param steps optimizer steps that the run has left; more mini-batches are never trained
     */
    MacroBatch next(CausalLm policy, int steps);

    /**
     * Goes to a position instead of the start.
     *
     * @param trained mini-batches that have been trained
     * @param left mini-batches that were left in the current macro-batch
     * @return those of it; columns that the policy had a part in come from the checkpoint
     */
    MacroBatch resume(int trained, int left);

    /**
     * What a checkpoint keeps so that {@link #resume(int, int, String)} can go on here, as text; null, the default, for
     * a source whose position says everything.
     */
    default String state() {
        return null;
    }

    /**
     * Goes to a position with what the checkpoint kept.
     *
     * @param state what {@link #state} said when the checkpoint was taken; null if it said nothing
     */
    default MacroBatch resume(int trained, int left, String state) {
        return resume(trained, left);
    }

    /**
     * Text that another source of other sequences does not have, such as a SHA-256: a run is resumed on its own data
     * only.
     */
    String fingerprint();

    /** Columns that its macro-batches come with, all or some of them; none by default. */
    default Set<Column> fills() {
        return Set.of();
    }

    /**
     * Columns that {@link #complete} reads, for every sequence, whether or not the objective takes them. A KL in the
     * reward, for instance, takes log-probs under pi_old and reference. None by default.
     */
    default Set<Column> reads() {
        return Set.of();
    }

    /**
     * Fills the columns that follow from others, such as advantages; called once per macro-batch, after the fillers. In
     * a run that is resumed a column may be there already, and is then kept.
     */
    default void complete(MacroBatch macro) {}

    /** All sequences in the order of their numbers, where they are known before training; none by default. */
    default List<Demonstration> sequences() {
        return List.of();
    }

    /**
     * Temperature of the policy that is trained, softmax(logits / temperature): 1 by default, for samples the one that
     * they were drawn at. Log-probs, entropies and ratios of the run are those of this policy.
     */
    default double temperature() {
        return 1;
    }

    /** Whether it draws samples of the policy, which then have the memory of a training step for themselves. */
    default boolean samples() {
        return false;
    }

    /** Says where samples of the policy are drawn; called before the run by its trainer. Most sources draw none. */
    default void sampleBy(Sampling sampling) {}

    /**
     * Whether neighbours begin alike, as samples of one prompt do. What they have in common is then computed once for
     * those of a micro-batch. False by default.
     */
    default boolean sharesPrompts() {
        return false;
    }

    /** Tokens of the longest sequence that can come, for the estimate of memory; 0 if that is not known. */
    default int longestSequence() {
        return sequences().stream().mapToInt(Demonstration::length).max().orElse(0);
    }

    /** Mini-batches in one epoch. The default is 0, for a source without end, whose runs need maxSteps. */
    default int stepsPerEpoch() {
        return 0;
    }

    /** Macro-batches in one epoch, by which a warm-up is measured that is a fraction of the run; 0 as above. */
    default int macroStepsPerEpoch() {
        return 0;
    }
}
