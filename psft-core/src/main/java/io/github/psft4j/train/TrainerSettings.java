package io.github.psft4j.train;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.optimizer.DecayScope;
import io.github.psft4j.train.optimizer.LearningRateSchedule;

/**
 * Everything that decides a run beside model and data. Batch sizes count sequences; the defaults are the paper's recipe
 * and stand in {@link TrainerBuilder}.
 *
 * @param objective what is minimised after the warm-up
 * @param aggregation how token losses become one number
 * @param macroBatch sequences per refresh of pi_old, a multiple of miniBatch
 * @param miniBatch sequences per optimizer step
 * @param microBatch sequences per forward and backward pass; gradients are accumulated to a mini-batch
 * @param packing most tokens of a row that several sequences share, 0 for one sequence per row
 * @param lengthGrouping whether micro-batches are cut from a mini-batch in the order of length
 * @param learningRate peak learning rate
 * @param schedule its shape after the warm-up
 * @param warmupSteps its warm-up, in optimizer steps
 * @param beta1 decay of AdamW's first moment
 * @param beta2 decay of AdamW's second moment
 * @param adamEpsilon added to the root of the second moment
 * @param weightDecay decoupled decay
 * @param decayScope which parameters decay
 * @param maxGradNorm bound on the global gradient norm, 0 for none
 * @param neftuneAlpha strength of the noise on embeddings in training passes, 0 for none
 * @param sftWarmup macro-steps of plain SFT first
 * @param refresh when pi_old is taken anew
 * @param epochs passes over the data, unless maxSteps is given
 * @param maxSteps optimizer steps, 0 for whole epochs
 * @param shuffle whether every epoch has its own order
 * @param seed of the order
 * @param maxSkippedInARow steps in a row with a non-finite loss or gradient after which the run stops
 * @param precision of the linear layers, in the snapshot pass as in training, so that r = 1 before the first update
 */
public record TrainerSettings(
        TokenObjective objective,
        Aggregation aggregation,
        int macroBatch,
        int miniBatch,
        int microBatch,
        int packing,
        boolean lengthGrouping,
        double learningRate,
        LearningRateSchedule schedule,
        int warmupSteps,
        double beta1,
        double beta2,
        double adamEpsilon,
        double weightDecay,
        DecayScope decayScope,
        double maxGradNorm,
        double neftuneAlpha,
        WarmupSchedule sftWarmup,
        RefreshSchedule refresh,
        int epochs,
        int maxSteps,
        boolean shuffle,
        long seed,
        int maxSkippedInARow,
        Precision precision) {

    /**
     * @throws IllegalArgumentException naming the setting, its value and its range
     */
    public TrainerSettings {
        given(objective, "objective");
        given(aggregation, "aggregation");
        given(schedule, "schedule");
        given(decayScope, "decayScope");
        given(sftWarmup, "sftWarmup");
        given(refresh, "refresh");
        given(precision, "precision");
        check(miniBatch > 0, "miniBatch", miniBatch, "positive");
        check(
                macroBatch >= miniBatch && macroBatch % miniBatch == 0,
                "macroBatch",
                macroBatch,
                "a multiple of miniBatch (" + miniBatch + ")");
        check(
                microBatch > 0 && microBatch <= miniBatch,
                "microBatch",
                microBatch,
                "between 1 and miniBatch (" + miniBatch + ")");
        check(packing >= 0, "packing", packing, "0 (one sequence per row) or above");
        check(learningRate > 0 && Double.isFinite(learningRate), "learningRate", learningRate, "above 0");
        check(warmupSteps >= 0, "warmupSteps", warmupSteps, "0 or above");
        check(beta1 >= 0 && beta1 < 1, "beta1", beta1, "in [0, 1)");
        check(beta2 >= 0 && beta2 < 1, "beta2", beta2, "in [0, 1)");
        check(adamEpsilon > 0 && Double.isFinite(adamEpsilon), "adamEpsilon", adamEpsilon, "above 0");
        check(weightDecay >= 0 && Double.isFinite(weightDecay), "weightDecay", weightDecay, "0 or above");
        check(maxGradNorm >= 0, "maxGradNorm", maxGradNorm, "0 (no clipping) or above");
        check(neftuneAlpha >= 0 && Double.isFinite(neftuneAlpha), "neftuneAlpha", neftuneAlpha, "0 (none) or above");
        check(maxSteps >= 0, "maxSteps", maxSteps, "0 (whole epochs) or above");
        check(maxSteps > 0 || epochs > 0, "epochs", epochs, "positive");
        check(maxSkippedInARow > 0, "maxSkippedInARow", maxSkippedInARow, "positive");
    }

    private static void given(Object value, String name) {
        if (value == null) {
            throw new IllegalArgumentException(name + " must not be null; leave it out for the default");
        }
    }

    private static void check(boolean ok, String name, Number value, String rule) {
        if (!ok) {
            throw new IllegalArgumentException(name + " must be " + rule + ", was " + value);
        }
    }

    /** Mini-batches per macro-batch, K. */
    public int stepsPerMacroBatch() {
        return macroBatch / miniBatch;
    }
}
