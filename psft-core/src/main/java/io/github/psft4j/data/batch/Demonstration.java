package io.github.psft4j.data.batch;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One demonstration: the tokens of prompt and completion, and which of them are trained.
 *
 * @param tokens token ids, at least two
 * @param lossMask {@code lossMask[i]} says that tokens[i] is a demonstrated token; the first token has no prefix to be
 *     predicted from and is never trained
 * @param weights factor on loss and gradient of every token, 0 or above; null: all 1. Means over tokens still divide by
 *     the number of trained tokens, so that weights of mean 1 keep the learning rate
 */
public record Demonstration(int[] tokens, boolean[] lossMask, double[] weights) {

    /** A demonstration whose trained tokens all weigh 1. */
    public Demonstration(int[] tokens, boolean[] lossMask) {
        this(tokens, lossMask, null);
    }

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
        if (weights != null) {
            if (weights.length != tokens.length) {
                throw new IllegalArgumentException(
                        "a demonstration has " + tokens.length + " tokens but " + weights.length + " weights");
            }
            for (int i = 0; i < weights.length; i++) {
                if (!(weights[i] >= 0 && Double.isFinite(weights[i]))) {
                    throw new IllegalArgumentException(
                            "the weight at position " + i + " must be 0 or above, was " + weights[i]);
                }
            }
            weights = weights.clone();
        }
        tokens = tokens.clone();
        lossMask = lossMask.clone();
        lossMask[0] = false;
    }

    /**
     * A prompt, not trained, followed by a completion, trained whole; without an end-of-sequence token nothing teaches
     * to stop.
     */
    public static Demonstration of(int[] prompt, int[] completion) {
        int[] tokens = Arrays.copyOf(prompt, prompt.length + completion.length);
        System.arraycopy(completion, 0, tokens, prompt.length, completion.length);
        boolean[] mask = new boolean[tokens.length];
        Arrays.fill(mask, prompt.length, tokens.length, true);
        return new Demonstration(tokens, mask);
    }

    /** A prompt and a completion with an end-of-sequence token behind it, which is trained too. */
    public static Demonstration of(int[] prompt, int[] completion, int endOfSequence) {
        int[] ended = Arrays.copyOf(completion, completion.length + 1);
        ended[completion.length] = endOfSequence;
        return of(prompt, ended);
    }

    /** All tokens but the first are trained. */
    public static Demonstration ofText(int[] tokens) {
        boolean[] mask = new boolean[tokens.length];
        Arrays.fill(mask, true);
        return new Demonstration(tokens, mask);
    }

    /** This demonstration with a weight per token, {@code [length]}. */
    public Demonstration withWeights(double... perToken) {
        return new Demonstration(tokens, lossMask, perToken);
    }

    /** This demonstration with one weight for all its tokens. */
    public Demonstration withWeight(double weight) {
        double[] all = new double[tokens.length];
        Arrays.fill(all, weight);
        return withWeights(all);
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

    /**
     * Number of tokens, then every token and whether it is trained: the {@code 4 + 5 * length} bytes that fingerprints
     * hash.
     */
    public byte[] bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 5 * tokens.length).putInt(tokens.length);
        for (int i = 0; i < tokens.length; i++) {
            bytes.putInt(tokens[i]).put((byte) (lossMask[i] ? 1 : 0));
        }
        return bytes.array();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Demonstration d
                && Arrays.equals(tokens, d.tokens)
                && Arrays.equals(lossMask, d.lossMask)
                && Arrays.equals(weights, d.weights);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(tokens) + Arrays.hashCode(lossMask)) + Arrays.hashCode(weights);
    }
}
