package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;

/**
 * The clip hardly ever binds: over the first {@value #MACRO_BATCHES} macro-batches of PSFT it stopped less than
 * {@value #LIMIT} of the trained tokens. Later ones do not count: a model that has learned its data is not clipped. Of
 * objectives whose ratio never leaves 1 only PSFT is meant: the others have none. {@link PsftWithOneMiniBatch} watches
 * macro-batches of one step.
 */
final class IdleClip implements FailureSignature {

    static final int MACRO_BATCHES = 10;
    static final double LIMIT = 0.001;
    private static final String RAISE =
            "PSFT now is SFT with another weight per token: raise the learning rate, use more mini-batches per"
                    + " macro-batch, or a smaller epsHigh";
    private static final String OBSERVED =
            "in the first %d macro-batches of %s the clip stopped %.3f %% of the trained tokens";

    private final ClipMeans means = new ClipMeans();
    private int macroBatches;
    private double sum;
    private boolean ratioMoved;
    private boolean severalSteps; // in some macro-batch

    @Override
    public Finding check(StepMetrics m) {
        ratioMoved |= Math.abs(m.meanRatio() - 1) > 0; // false for a step that was skipped
        severalSteps |= m.step() != m.macroStep();
        if (macroBatches == MACRO_BATCHES || !means.add(m)) {
            return null;
        }
        macroBatches++;
        sum += means.last();
        double mean = sum / macroBatches;
        boolean hasRatio = ratioMoved || severalSteps && "psft".equals(m.objective());
        boolean idle = macroBatches == MACRO_BATCHES && mean < LIMIT && hasRatio;
        return idle ? found(m, "idle-clip", RAISE, OBSERVED, MACRO_BATCHES, m.objective(), 100 * mean) : null;
    }
}
