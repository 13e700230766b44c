package io.github.psft4j.train;

import io.github.psft4j.settings.Default;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Named;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Range;
import io.github.psft4j.settings.Setting;

/** How long a run takes, and what it does on the way. */
public record Training(
        @Default("1") @Range(">= 1") @Doc("Passes over the data, unless maxSteps is given.")
        int epochs,

        @Default("0") @Range(">= 0") @Doc("Optimizer steps in all, 0 for whole epochs.")
        int maxSteps,

        @Named("max_skipped_in_a_row")
        @Default("5")
        @Range(">= 1")
        @Doc("Steps in a row with a loss or gradient that is not finite after which the run stops with exit code 3.")
        int maxSkippedInARow,

        @Named("neftune")
        @Default("0")
        @Range(">= 0")
        @Doc("NEFTune: noise of this strength on the embeddings while training, 0 for none.")
        double neftuneAlpha) {

    /**
     * @throws ParameterException naming the setting, its value and its range
     */
    public Training {
        Setting.check(Training.class, epochs, maxSteps, maxSkippedInARow, neftuneAlpha);
    }
}
