package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;

/**
 * The clip takes too much: over {@value #MACRO_BATCHES} macro-batches it stopped more than {@value #LIMIT} of the
 * trained tokens, whose signal is lost.
 */
final class HeavyClip implements FailureSignature {

    static final int MACRO_BATCHES = 5;
    static final double LIMIT = 0.3;
    private static final String REMEDY =
            "begin with an SFT warm-up, so that the model knows the format of the data first; or refresh the"
                    + " old policy more often (fewer mini-batches per macro-batch). A lower learning rate alone may not"
                    + " help";
    private static final String OBSERVED =
            "over the last %d macro-batches the clip stopped %.0f %% of the trained tokens";

    private final ClipMeans means = new ClipMeans();
    private final Window recent = new Window(MACRO_BATCHES);

    @Override
    public Finding check(StepMetrics m) {
        if (!means.add(m)) {
            return null;
        }
        recent.add(means.last());
        boolean heavy = recent.isFull() && recent.mean() > LIMIT;
        return heavy ? found(m, "heavy-clip", REMEDY, OBSERVED, MACRO_BATCHES, 100 * recent.mean()) : null;
    }
}
