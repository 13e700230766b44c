package io.github.psft4j.train;

import io.github.psft4j.hf.safetensors.TensorMemory;
import io.github.psft4j.loss.LossReport;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a run came to: whether it trained anything. Reads all weights twice, at the beginning and at the end. */
final class Outcome {

    private static final Logger LOG = LoggerFactory.getLogger(Outcome.class);

    /**
     * All weights as one number.
     *
     * @param sum of the bits of each weight times an odd number of its own, so that one changed weight changes it
     * @param notFinite number of them that are NaN or infinite
     */
    private record Weights(long sum, long notFinite) {

        private static final long ODD = 0x9E3779B97F4A7C15L; // the golden ratio in 64 bits

        static Weights of(INDArray weights) {
            TensorMemory memory = TensorMemory.of(weights);
            double[] values = new double[TensorMemory.CHUNK];
            long sum = 0;
            long notFinite = 0;
            for (long start = 0; start < weights.length(); start += values.length) {
                int n = (int) Math.min(values.length, weights.length() - start);
                memory.get(start, values, n);
                for (int i = 0; i < n; i++) {
                    sum += Double.doubleToRawLongBits(values[i]) * ((start + i) * ODD | 1);
                    notFinite += Double.isFinite(values[i]) ? 0 : 1;
                }
            }
            return new Weights(sum, notFinite);
        }
    }

    private final INDArray weights;
    private final Weights before;
    private long tokens;
    private double largestNorm;
    private int steps;
    private int skippedAtTheEnd;
    private String problem; // of the last step, null if it was not skipped

    /** @param weights of the model that is about to be trained, {@code [P]}; a resume replaces them later */
    Outcome(INDArray weights) {
        this.weights = weights;
        this.before = Weights.of(weights);
        if (before.notFinite() > 0) {
            LOG.warn(
                    "{} of the {} weights are not finite before the first step; sequences that use them are skipped."
                            + " Fetch the model again if that is not meant",
                    before.notFinite(),
                    weights.length());
        }
    }

    /**
     * Counts a step.
     *
     * @param gradNorm of its gradient, NaN if there is none
     * @param skippedFor why it was skipped, null if it was not
     */
    void add(LossReport report, double gradNorm, String skippedFor) {
        steps++;
        tokens += report.tokens();
        largestNorm = Double.isNaN(gradNorm) ? largestNorm : Math.max(largestNorm, gradNorm);
        problem = skippedFor;
        skippedAtTheEnd = skippedFor == null ? 0 : skippedAtTheEnd + 1;
    }

    /**
     * The error that a run ends with, null if it trained something. A run that was stopped may still go on, so only its
     * weights are judged.
     *
     * @param step optimizer steps taken, those before a resume included
     * @param applied those of them that the optimizer applied
     * @param stopped whether steps are left
     * @param lr peak learning rate
     */
    VoidRunException verdict(int step, int applied, boolean stopped, double lr) {
        if (steps == 0) {
            return null; // a finished run that was resumed
        }
        Weights after = Weights.of(weights);
        if (after.notFinite() > before.notFinite()) {
            return new VoidRunException(
                    "the run is void: " + after.notFinite() + " of " + weights.length()
                            + " weights are not finite after step " + step + ". Lower the learning rate (" + lr
                            + "), and go on from an earlier checkpoint or start again",
                    false);
        }
        if (stopped) {
            return null;
        }
        String cause = cause(step, applied, after, lr);
        if (cause != null) {
            return new VoidRunException("the run is void: " + cause, false);
        }
        return problem == null
                ? null
                : new VoidRunException(
                        "the last " + (skippedAtTheEnd == 1 ? "step was" : skippedAtTheEnd + " steps were")
                                + " skipped: "
                                + problem
                                + ". The weights are those of the step before; look for damaged data, or lower the"
                                + " learning rate (" + lr + ")",
                        true);
    }

    private String cause(int step, int applied, Weights after, double lr) {
        boolean whole = steps == step;
        if (whole && tokens == 0 && problem == null) {
            return "no step had a trained token, so nothing was trained. Look at the loss masks of the demonstrations,"
                    + " or, of samples, at their rewards: groups of equal rewards teach nothing";
        }
        if (applied == 0) {
            return "all " + step + " steps were skipped; the last: " + problem + ". Lower the learning rate (" + lr
                    + "), or look for damaged data";
        }
        if (whole && largestNorm == 0) {
            return "the gradient was 0 in every step, so nothing was trained. The objective gives every token the"
                    + " coefficient 0: all are clipped or have weight 0, or the rewards of every prompt's samples are"
                    + " equal";
        }
        return after.sum() == before.sum()
                ? "no update changed a weight: with a learning rate of " + lr
                        + " every update is smaller than the precision of the weights. Raise it"
                : null;
    }
}
