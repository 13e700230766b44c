package io.github.psft4j.data.encode;

import java.util.Arrays;

/**
 * A row as tokens, before truncation; of any length.
 *
 * @param tokens ids
 * @param mask per token whether it is trained
 */
public record Encoded(int[] tokens, boolean[] mask) {

    /** Prompt and completion one after the other. */
    static Encoded of(int[] prompt, int[] completion, boolean all) {
        int[] tokens = Arrays.copyOf(prompt, prompt.length + completion.length);
        System.arraycopy(completion, 0, tokens, prompt.length, completion.length);
        boolean[] mask = new boolean[tokens.length];
        Arrays.fill(mask, all ? 0 : prompt.length, tokens.length, true);
        return new Encoded(tokens, mask);
    }

    /** The first {@code length} tokens. */
    public Encoded start(int length) {
        return new Encoded(Arrays.copyOf(tokens, length), Arrays.copyOf(mask, length));
    }

    /** Whether any token but the first, which nothing predicts, is trained. */
    public boolean trains() {
        for (int i = 1; i < mask.length; i++) {
            if (mask[i]) {
                return true;
            }
        }
        return false;
    }
}
