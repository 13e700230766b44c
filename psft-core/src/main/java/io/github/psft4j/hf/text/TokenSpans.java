package io.github.psft4j.hf.text;

import java.util.Arrays;

/**
 * Tokens with the part of the text that each stands for.
 *
 * @param tokens ids
 * @param starts index of the first UTF-16 character of each token, -1 for a token that stands for no text
 * @param ends index behind its last, -1 likewise
 */
public record TokenSpans(int[] tokens, int[] starts, int[] ends) {

    /** Whether a token holds a character of a part of the text. */
    public boolean overlaps(int token, Rendering.Span part) {
        return starts[token] < part.end() && ends[token] > part.start();
    }

    /** Sets the mask of every token that holds a character of a part of the text. */
    public void mark(boolean[] mask, Rendering.Span part, boolean value) {
        for (int i = 0; i < mask.length; i++) {
            if (overlaps(i, part)) {
                mask[i] = value;
            }
        }
    }

    /** The tokens from one to before another. */
    public TokenSpans range(int from, int to) {
        return new TokenSpans(
                Arrays.copyOfRange(tokens, from, to),
                Arrays.copyOfRange(starts, from, to),
                Arrays.copyOfRange(ends, from, to));
    }
}
