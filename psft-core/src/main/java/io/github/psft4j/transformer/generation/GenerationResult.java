package io.github.psft4j.transformer.generation;

import java.util.Arrays;

/**
 * A prompt and what the model wrote after it.
 *
 * @param tokens ids of prompt and new tokens
 * @param promptLength number of prompt tokens
 * @param logProbs log-prob of each new token under the model (temperature 1, no penalty, nothing cut off), nats
 * @param entropies entropy of the model's distribution at each new token, nats
 * @param text the new tokens as text, special tokens left out and without a stop string and what follows it; null
 *     without a tokenizer
 * @param finish why it ended
 * @param proposed tokens that {@link GenerationConfig#lookup} proposed; 0 without it
 * @param accepted those of them that are part of the result: each saves a pass of the model
 */
public record GenerationResult(
        int[] tokens,
        int promptLength,
        float[] logProbs,
        float[] entropies,
        String text,
        Finish finish,
        int proposed,
        int accepted) {

    /** Why a sequence ended. */
    public enum Finish {
        /** It has maxNewTokens new tokens or fills the model's positions. */
        LENGTH,
        /** Its last token is one of the stop ids. */
        STOP_ID,
        /** Its text came to a stop string. */
        STOP_STRING,
        /** The listener wanted no more. */
        CANCELLED
    }

    /** Ids of the new tokens. */
    public int[] newTokens() {
        return Arrays.copyOfRange(tokens, promptLength, tokens.length);
    }

    /** Text, or the new ids where there is none, with the numbers of tokens and the reason for the end. */
    @Override
    public String toString() {
        return "GenerationResult["
                + (text == null ? Arrays.toString(newTokens()) : '"' + text + '"')
                + ", " + promptLength + " + " + (tokens.length - promptLength) + " tokens, " + finish + "]";
    }
}
