package io.github.psft4j.transformer.generation;

/**
 * Sees every new token as soon as it is there. Called on the thread that called the generator; the tokens of one sequence come in
 * order, sequences take turns.
 */
@FunctionalInterface
public interface GenerationListener {

    /**
     * @param sequence index of the prompt
     * @param token id of the new token
     * @param logProb its log-prob under the model, nats
     * @param text what became certain of the text with this token: empty while a character is incomplete or a stop string may have
     *     begun; the parts of a sequence add up to {@link GenerationResult#text}. Null without a tokenizer
     * @return whether to go on with this sequence
     */
    boolean onToken(int sequence, int token, double logProb, String text);
}
