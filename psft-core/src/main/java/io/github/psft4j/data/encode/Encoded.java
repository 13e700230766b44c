package io.github.psft4j.data.encode;

import java.util.Arrays;

/**
 * A row as tokens, before truncation; of any length.
 *
 * @param tokens ids
 * @param mask per token whether it is trained
 * @param leftOut why the row is no demonstration all the same, null if it is one
 * @param detail what of this row is the reason, null if it is not left out
 */
public record Encoded(int[] tokens, boolean[] mask, DropReason leftOut, String detail) {

    /** A row that may become a demonstration. */
    public Encoded(int[] tokens, boolean[] mask) {
        this(tokens, mask, null, null);
    }

    /** A row that is counted and left out; {@code detail} names place, field and reason. */
    public static Encoded leftOut(DropReason reason, String detail) {
        return new Encoded(new int[0], new boolean[0], reason, detail);
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

    /** Prompt and completion one after the other. */
    static Encoded of(int[] prompt, int[] completion, boolean all) {
        int[] tokens = Arrays.copyOf(prompt, prompt.length + completion.length);
        System.arraycopy(completion, 0, tokens, prompt.length, completion.length);
        boolean[] mask = new boolean[tokens.length];
        Arrays.fill(mask, all ? 0 : prompt.length, tokens.length, true);
        return new Encoded(tokens, mask);
    }
}
