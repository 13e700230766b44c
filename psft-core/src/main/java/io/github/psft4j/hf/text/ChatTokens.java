package io.github.psft4j.hf.text;

import java.util.Arrays;

/**
 * A conversation as tokens.
 *
 * @param text what was encoded
 * @param tokens ids, without any that the tokenizer would add on its own: the template writes them out
 * @param assistantMask per token whether the assistant said it; all false if the template marks nothing
 */
public record ChatTokens(String text, int[] tokens, boolean[] assistantMask) {

    /**
     * Marks tokens as transformers' {@code return_assistant_tokens_mask} does. The marks of a part go from the first
     * token that covers its first character to the first token that covers its last. If several tokens share the last
     * character, such as the bytes of an emoji, only the first of them is marked.
     */
    public static ChatTokens of(Rendering rendering, TokenSpans encoded) {
        boolean[] mask = new boolean[encoded.tokens().length];
        int[] tokenAt = tokenOfEachCharacter(rendering.text(), encoded);
        for (Rendering.Span span : rendering.generationSpans()) {
            int first = span.start() < tokenAt.length ? tokenAt[span.start()] : -1;
            if (first < 0) {
                break; // behind the last token, and so are all further parts
            }
            int last = span.end() > 0 ? tokenAt[span.end() - 1] : -1;
            for (int i = first; i < (last > 0 ? last + 1 : mask.length); i++) {
                mask[i] = true;
            }
        }
        return new ChatTokens(rendering.text(), encoded.tokens(), mask);
    }

    /** The first token that covers each character, -1 if none does. */
    private static int[] tokenOfEachCharacter(String text, TokenSpans encoded) {
        int[] tokenAt = new int[text.length()];
        Arrays.fill(tokenAt, -1);
        for (int i = encoded.tokens().length - 1; i >= 0; i--) {
            if (encoded.starts()[i] >= 0) {
                Arrays.fill(tokenAt, encoded.starts()[i], encoded.ends()[i], i);
            }
        }
        return tokenAt;
    }
}
