package io.github.psft4j.train;

/**
 * Sizes of batches, in sequences, and how a micro-batch becomes rows of tokens.
 *
 * @param macroBatch sequences per refresh of pi_old, a multiple of miniBatch
 * @param miniBatch sequences per optimizer step
 * @param microBatch sequences per forward and backward pass; gradients are accumulated to a mini-batch
 * @param packing most tokens of a row that several sequences share, 0 for one sequence per row
 * @param lengthGrouping whether micro-batches are cut from a mini-batch in the order of length
 */
public record Batch(int macroBatch, int miniBatch, int microBatch, int packing, boolean lengthGrouping) {

    /**
     * @throws IllegalArgumentException naming the setting, its value and its range
     */
    public Batch {
        TrainerSettings.check(miniBatch > 0, "miniBatch", miniBatch, "positive");
        TrainerSettings.check(
                macroBatch >= miniBatch && macroBatch % miniBatch == 0,
                "macroBatch",
                macroBatch,
                "a multiple of miniBatch (" + miniBatch + ")");
        TrainerSettings.check(
                microBatch > 0 && microBatch <= miniBatch,
                "microBatch",
                microBatch,
                "between 1 and miniBatch (" + miniBatch + ")");
        TrainerSettings.check(packing >= 0, "packing", packing, "0 (one sequence per row) or above");
    }

    /** Mini-batches per macro-batch, K. */
    public int stepsPerMacroBatch() {
        return macroBatch / miniBatch;
    }
}
