package io.github.psft4j.transformer.generation;

/**
 * Follows the samples of one {@link GenerationRequest}. All calls come from the generator's thread, which waits for
 * them: hand the work on. A listener that throws ends its request.
 */
public interface StreamListener {

    /** The next token of a sample. */
    void onToken(int sample, StreamedToken token);

    /** The last call for a sample: finished, or cancelled. */
    void onEnd(int sample, GenerationResult result);

    /** The last call of all: something failed, and no sample will go on. */
    void onFailure(Throwable failure);
}
