package io.github.psft4j.transformer.generation;

/**
 * Receives every new token at once, on the thread that called the generator. The tokens of one sequence come in order;
 * sequences take turns.
 */
@FunctionalInterface
public interface GenerationListener {

    /**
     * @param sequence index of the prompt
     * @param token id of the new token
     * @param logProb its log-prob under the model, nats
     * @param text what became certain of the text with this token. Empty while a character is incomplete or a stop
     *     string may have begun. The parts of a sequence add up to {@link GenerationResult#text}. Null without a
     *     tokenizer
     * @return whether to go on with this sequence
     */
    boolean onToken(int sequence, int token, double logProb, String text);
}
