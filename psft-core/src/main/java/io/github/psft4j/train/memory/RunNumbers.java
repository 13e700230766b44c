package io.github.psft4j.train.memory;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.train.optimizer.Optimizer;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.transformer.StepArrays;

/**
 * What a run does with a model, as far as it takes memory.
 *
 * @param batch sizes of batches
 * @param train whether blocks are computed again
 * @param optimizer type of its moments
 * @param longest tokens of the longest demonstration; 0 if it is not known yet
 * @param staged whether checkpoints are written while training goes on
 * @param scored sequences of the largest pass without gradients, 0 if there is none
 * @param together sequences that a micro-batch must not part: 1, 2 for pairs, or the mini-batch
 * @param samples what the policy samples, {@link Samples#NONE} if it trains on data
 */
public record RunNumbers(
        Batch batch,
        Training train,
        Optimizer optimizer,
        int longest,
        boolean staged,
        int scored,
        int together,
        Samples samples) {

    /**
     * Sequences that are sampled together.
     *
     * @param sequences of a rollout
     * @param group samples of a prompt
     * @param newTokens most tokens of a sample
     */
    public record Samples(int sequences, int group, int newTokens) {

        /** A run that trains on data. */
        public static final Samples NONE = new Samples(0, 1, 0);
    }

    /** A run that samples nothing. */
    public RunNumbers(
            Batch batch, Training train, Optimizer optimizer, int longest, boolean staged, int scored, int together) {
        this(batch, train, optimizer, longest, staged, scored, together, Samples.NONE);
    }

    /** The same with samples of the policy. */
    public RunNumbers sampling(Samples rollout) {
        return new RunNumbers(batch, train, optimizer, longest, staged, scored, together, rollout);
    }

    /** Sequences of a pass that computes log-probs for an objective: those of a micro-batch, 0 if it needs none. */
    public static int scored(TokenObjective objective, Batch batch) {
        boolean needed = objective.columns().contains(Column.OLD_LOG_PROB) && batch.stepsPerMacroBatch() > 1
                || objective.columns().contains(Column.REF_LOG_PROB)
                || objective.needs().reference();
        return needed ? batch.microBatch() : 0;
    }

    /** Sequences that a micro-batch must not part for an objective. */
    public static int together(TokenObjective objective, Batch batch) {
        return objective.scope() == Scope.BATCH ? batch.miniBatch() : objective.neighbours();
    }

    /** The same with other batches. */
    RunNumbers with(Batch other) {
        return new RunNumbers(other, train, optimizer, longest, staged, scored, together, samples);
    }

    /** The same with another recomputation. */
    public RunNumbers with(Training.Recompute recompute) {
        return new RunNumbers(batch, train.with(recompute), optimizer, longest, staged, scored, together, samples);
    }

    /** The same with another optimizer. */
    RunNumbers with(Optimizer other) {
        return new RunNumbers(batch, train, other, longest, staged, scored, together, samples);
    }

    /** The same with shorter demonstrations. */
    RunNumbers withLongest(int tokens) {
        return new RunNumbers(batch, train, optimizer, tokens, staged, scored, together, samples);
    }

    /** The same with checkpoints that training waits for. */
    RunNumbers waiting() {
        return new RunNumbers(batch, train, optimizer, longest, false, scored, together, samples);
    }

    boolean recomputes() {
        return train.recompute() == Training.Recompute.BLOCKS;
    }

    /** Tokens that are read of a demonstration: all but its last. */
    int time() {
        return Math.max(0, longest - 1);
    }

    StepArrays.Pass scoring(ModelNumbers model) {
        return new StepArrays.Pass(scored, time(), model.width(), false, model.room());
    }

    StepArrays.Pass pass(ModelNumbers model) {
        return new StepArrays.Pass(batch.microBatch(), time(), model.width(), recomputes(), model.room());
    }
}
