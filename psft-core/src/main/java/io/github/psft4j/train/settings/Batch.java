package io.github.psft4j.train.settings;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.util.ArrayList;
import java.util.List;

/** Sizes of batches, in sequences, and how a micro-batch becomes rows of tokens. */
public record Batch(
        @Doc("Sequences per refresh of pi_old (train_batch_size of the paper's code).")
        @Value(name = "macro", initial = "64", range = ">= 1")
        int macroBatch,

        @Doc("Sequences per optimizer step (ppo_mini_batch_size); macroBatch is a multiple of it.")
        @Value(name = "mini", initial = "8", range = ">= 1")
        int miniBatch,

        @Doc("Sequences per forward and backward pass; smaller saves memory and never changes the result.")
        @Value(name = "micro", otherwise = "miniBatch", range = ">= 1")
        Integer microBatch,

        @Doc("Packs the sequences of a micro-batch into rows of at most this many tokens, best fit first, without"
                + " seeing each other; 0 pads them instead. Changes the cost, not the result.")
        @Value(initial = "0", range = ">= 0")
        int packing,

        @Doc("Cuts a mini-batch into micro-batches in the order of length, so that little is padded. Changes the cost,"
                + " not the result.")
        @Value(initial = "false")
        boolean lengthGrouping) {

    /**
     * A null micro-batch becomes the mini-batch.
     *
     * @throws ParameterException naming the setting, its value and its range
     */
    public Batch {
        Setting.check(Batch.class, macroBatch, miniBatch, microBatch, packing, lengthGrouping);
        microBatch = microBatch == null ? miniBatch : microBatch;
        List<ParameterException> faults = new ArrayList<>();
        if (macroBatch % miniBatch != 0) {
            long below = macroBatch - macroBatch % miniBatch;
            faults.add(new ParameterException(
                    "macroBatch",
                    "must be a multiple of miniBatch (" + miniBatch + "), was " + macroBatch + "; the nearest "
                            + (below > 0 ? "are " + below + " and " : "is ") + (below + miniBatch)));
        }
        if (microBatch > miniBatch) {
            faults.add(new ParameterException(
                    "microBatch", "must be between 1 and miniBatch (" + miniBatch + "), was " + microBatch));
        }
        ParameterException.throwAll(faults);
    }

    /** Mini-batches per macro-batch, K. */
    public int stepsPerMacroBatch() {
        return macroBatch / miniBatch;
    }
}
