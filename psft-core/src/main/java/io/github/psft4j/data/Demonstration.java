package io.github.psft4j.data;

import java.util.Arrays;

/**
 * One demonstration: the tokens of prompt and completion, and which of them are trained.
 *
 * @param tokens token ids, at least two
 * @param lossMask {@code lossMask[i]} says that tokens[i] is a demonstrated token; the first token has no prefix to be
 *     predicted from and is never trained
 */
public record Demonstration(int[] tokens, boolean[] lossMask) {

    /**
     * @throws IllegalArgumentException if the arrays differ in length, there are fewer than two tokens, or an id is
     *     negative
     */
    public Demonstration {
        if (tokens.length != lossMask.length) {
            throw new IllegalArgumentException(
                    "a demonstration has " + tokens.length + " tokens but a loss mask of " + lossMask.length);
        }
        if (tokens.length < 2) {
            throw new IllegalArgumentException("a demonstration needs at least 2 tokens, got " + tokens.length);
        }
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] < 0) {
                throw new IllegalArgumentException("token id " + tokens[i] + " at position " + i + " is negative");
            }
        }
        tokens = tokens.clone();
        lossMask = lossMask.clone();
        lossMask[0] = false;
    }

    /**
     * A prompt, not trained, followed by a completion, trained whole; append the end-of-sequence token to teach the
     * end.
     */
    public static Demonstration of(int[] prompt, int[] completion) {
        int[] tokens = Arrays.copyOf(prompt, prompt.length + completion.length);
        System.arraycopy(completion, 0, tokens, prompt.length, completion.length);
        boolean[] mask = new boolean[tokens.length];
        Arrays.fill(mask, prompt.length, tokens.length, true);
        return new Demonstration(tokens, mask);
    }

    /** All tokens but the first are trained. */
    public static Demonstration ofText(int[] tokens) {
        boolean[] mask = new boolean[tokens.length];
        Arrays.fill(mask, true);
        return new Demonstration(tokens, mask);
    }

    /** Number of tokens. */
    public int length() {
        return tokens.length;
    }

    /** Number of trained tokens. */
    public int trainedTokens() {
        int n = 0;
        for (boolean trained : lossMask) {
            n += trained ? 1 : 0;
        }
        return n;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Demonstration d
                && Arrays.equals(tokens, d.tokens)
                && Arrays.equals(lossMask, d.lossMask);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(tokens) + Arrays.hashCode(lossMask);
    }
}
