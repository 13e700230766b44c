package io.github.psft4j.train;

import io.github.psft4j.settings.Default;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Named;
import io.github.psft4j.settings.Otherwise;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Range;
import io.github.psft4j.settings.Setting;

/** Sizes of batches, in sequences, and how a micro-batch becomes rows of tokens. */
public record Batch(
        @Named("macro")
        @Default("64")
        @Range(">= 1")
        @Doc("Sequences per refresh of pi_old (train_batch_size of the paper's code).")
        int macroBatch,

        @Named("mini")
        @Default("8")
        @Range(">= 1")
        @Doc("Sequences per optimizer step (ppo_mini_batch_size); macroBatch is a multiple of it.")
        int miniBatch,

        @Named("micro")
        @Otherwise("miniBatch")
        @Range(">= 1")
        @Doc("Sequences per forward and backward pass; smaller saves memory and never changes the result.")
        Integer microBatch,

        @Default("0")
        @Range(">= 0")
        @Doc(
                "Packs the sequences of a micro-batch into rows of at most this many tokens, best fit first, without seeing"
                        + " each other; 0 pads them instead. Changes the cost, not the result.")
        int packing,

        @Default("false")
        @Doc("Cuts a mini-batch into micro-batches in the order of length, so that little is padded. Changes the cost,"
                + " not the result.")
        boolean lengthGrouping) {

    /**
     * A null micro-batch becomes the mini-batch.
     *
     * @throws ParameterException naming the setting, its value and its range
     */
    public Batch {
        Setting.check(Batch.class, macroBatch, miniBatch, microBatch, packing, lengthGrouping);
        microBatch = microBatch == null ? miniBatch : microBatch;
        if (macroBatch % miniBatch != 0) {
            long below = macroBatch - macroBatch % miniBatch;
            throw new ParameterException(
                    "macroBatch",
                    "must be a multiple of miniBatch (" + miniBatch + "), was " + macroBatch + "; the nearest "
                            + (below > 0 ? "are " + below + " and " : "is ") + (below + miniBatch));
        }
        ParameterException.check(
                microBatch <= miniBatch,
                "microBatch",
                "must be between 1 and miniBatch (" + miniBatch + ")",
                microBatch);
    }

    /** Mini-batches per macro-batch, K. */
    public int stepsPerMacroBatch() {
        return macroBatch / miniBatch;
    }
}
