package io.github.psft4j.transformer;

import java.util.Arrays;

/**
 * A prompt and what the model wrote after it.
 *
 * @param tokens ids of prompt and new tokens
 * @param promptLength number of prompt tokens
 * @param logProbs log-prob of each new token under the model (temperature 1, nothing cut off), nats
 * @param entropies entropy of the model's distribution at each new token, nats
 */
public record Generation(int[] tokens, int promptLength, float[] logProbs, float[] entropies) {

    /** Ids of the new tokens. */
    public int[] newTokens() {
        return Arrays.copyOfRange(tokens, promptLength, tokens.length);
    }
}
