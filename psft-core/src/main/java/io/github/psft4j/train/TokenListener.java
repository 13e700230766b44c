package io.github.psft4j.train;

/** A listener that also receives every trained token. Runs without one do no work for it. */
public interface TokenListener extends TrainerListener {

    /**
     * After each micro-batch, before the weights change and before {@link #onStep} of its optimizer step; also for a
     * step that is then skipped. The arguments are valid during the call only.
     */
    void onTokens(TrainedTokens tokens);
}
