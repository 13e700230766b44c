package io.github.psft4j.train.settings;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;

/** How long a run takes, and what it does on the way. */
public record Training(
        @Doc("Passes over the data, unless maxSteps is given.") @Value(initial = "1", range = ">= 1")
        int epochs,

        @Doc("Optimizer steps in all, 0 for whole epochs.") @Value(initial = "0", range = ">= 0")
        int maxSteps,

        @Doc("Steps in a row with a loss or gradient that is not finite after which the run stops with exit code 3.")
        @Value(name = "max_skipped_in_a_row", initial = "5", range = ">= 1")
        int maxSkippedInARow,

        @Doc("NEFTune: noise of this strength on the embeddings while training, 0 for none.")
        @Value(name = "neftune", initial = "0", range = ">= 0")
        double neftuneAlpha,

        @Doc("What a block keeps for its gradient: everything (none), or its input alone, and it computes the rest"
                + " again (blocks): the same bits, less memory, about a third more time. auto is blocks if the memory"
                + " plan says that the machine is too small for none.")
        @Value(initial = "none")
        Recompute recompute) {

    /** Which activations are computed again for the gradient. */
    public enum Recompute {
        /** None: they are kept. */
        NONE,
        /** Those of every block: a block keeps its input alone. */
        BLOCKS,
        /** Those of every block if the memory plan does not fit the machine otherwise, else none. */
        AUTO
    }

    /** The same with another recomputation. */
    public Training with(Recompute other) {
        return new Training(epochs, maxSteps, maxSkippedInARow, neftuneAlpha, other);
    }

    /** @throws ParameterException naming the setting, its value and its range */
    public Training {
        Setting.check(Training.class, epochs, maxSteps, maxSkippedInARow, neftuneAlpha, recompute);
    }
}
