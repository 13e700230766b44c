package io.github.psft4j.hf.text;

/**
 * A conversation as tokens.
 *
 * @param text what was encoded
 * @param tokens ids, without any that the tokenizer would add on its own: the template writes them out
 * @param assistantMask per token whether the assistant said it; all false if the template marks nothing
 */
public record ChatTokens(String text, int[] tokens, boolean[] assistantMask) {

    /**
     * Marks tokens as {@code return_assistant_tokens_mask} of transformers 5.24 does: every token that holds a
     * character of a part. Up to 5.23 a part ended with the first token of its last character.
     */
    public static ChatTokens of(Rendering rendering, TokenSpans encoded) {
        boolean[] mask = new boolean[encoded.tokens().length];
        rendering.generationSpans().forEach(span -> encoded.mark(mask, span, true));
        return new ChatTokens(rendering.text(), encoded.tokens(), mask);
    }
}
