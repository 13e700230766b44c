package io.github.psft4j.hf.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
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

    /** Parts of a text in the code points in which the Rust library counts. */
    static TokenSpans of(String text, int[] ids, CharSpan[] spans) {
        int[] starts = new int[spans.length];
        int[] ends = new int[spans.length];
        int[] utf16 = utf16(text);
        for (int i = 0; i < spans.length; i++) {
            starts[i] = spans[i] == null ? -1 : utf16[spans[i].getStart()];
            ends[i] = spans[i] == null ? -1 : utf16[spans[i].getEnd()];
        }
        return new TokenSpans(ids, starts, ends);
    }

    /** Index in UTF-16 of every code point, in which the Rust library counts, and of the end. */
    private static int[] utf16(String text) {
        int[] indices = new int[text.codePointCount(0, text.length()) + 1];
        for (int i = 1; i < indices.length; i++) {
            indices[i] = indices[i - 1] + Character.charCount(text.codePointAt(indices[i - 1]));
        }
        return indices;
    }
}
