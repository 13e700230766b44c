package io.github.psft4j.train;

/**
 * How long a run takes, and what it does on the way.
 *
 * @param epochs passes over the data, unless maxSteps is given
 * @param maxSteps optimizer steps, 0 for whole epochs
 * @param maxSkippedInARow steps in a row with a non-finite loss or gradient after which the run stops
 * @param neftuneAlpha strength of the noise on embeddings in training passes, 0 for none
 */
public record Training(int epochs, int maxSteps, int maxSkippedInARow, double neftuneAlpha) {

    /**
     * @throws IllegalArgumentException naming the setting, its value and its range
     */
    public Training {
        TrainerSettings.check(maxSteps >= 0, "maxSteps", maxSteps, "0 (whole epochs) or above");
        TrainerSettings.check(maxSteps > 0 || epochs > 0, "epochs", epochs, "positive");
        TrainerSettings.check(maxSkippedInARow > 0, "maxSkippedInARow", maxSkippedInARow, "positive");
        TrainerSettings.check(
                neftuneAlpha >= 0 && Double.isFinite(neftuneAlpha), "neftuneAlpha", neftuneAlpha, "0 (none) or above");
    }
}
